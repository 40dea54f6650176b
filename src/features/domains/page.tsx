import { refreshIcon } from '@jupyterlab/ui-components';
import type { JSX } from 'react';
import { useState } from 'react';

import type { AppList, AppRow, Domain, DomainList } from '../../api/generated';
import { usePage } from '../../shared/context';
import { useDraft } from '../../shared/draft';
import { Check } from '../../shared/form';
import { useQuery } from '../../shared/query';
import { EmptyState, PendingPage, StaleBar } from '../../shared/states';
import { StatusBadge, tone } from '../../shared/status';
import { Tabs } from '../../shared/tabs';
import { Apps } from './apps';
import { CreateDomainDialog } from './create';
import { FormDialog } from '../../shared/formdialog';
import { Images } from './images';
import { firstToGo } from './names';
import { Overview } from './overview';
import { Scripts } from './scripts';
import { Spaces } from './spaces';
import { Users } from './users';

const KINDS = ['Domain', 'UserProfile', 'Space', 'App'];

/** The main-area page "Domain". */
export default function DomainPage(): JSX.Element {
  const { trans } = usePage();
  const [place, setPlace] = useDraft<{ domain: string; tab: string }>(
    'domain-page',
    () => ({ domain: '', tab: 'users' })
  );
  const [creating, setCreating] = useState(false);
  const list = useQuery<DomainList>(
    'domains',
    (studio, signal) => studio.api.call('listDomains', { signal }),
    {
      concerns: change => change.kind === 'Domain',
      busy: found => found.items.some(each => tone(each.status) === 'busy')
    }
  );
  if (!list.data) {
    return <PendingPage query={list} rows={6} />;
  }
  const { items, notices } = list.data;
  const chosen = items.find(each => each.id === place.domain) ?? items[0];
  const choose = (domain: string): void =>
    setPlace(before => ({ ...before, domain }));
  return (
    <div className="smstudio-Main smstudio-Domain">
      <header className="smstudio-Header">
        <div className="smstudio-Header-line">
          <button
            className="smstudio-IconButton"
            title={trans.__('Refresh')}
            aria-label={trans.__('Refresh')}
            onClick={list.refresh}
          >
            <refreshIcon.react tag="span" width="16px" />
          </button>
          <h1>{trans.__('Domain')}</h1>
          {items.length > 1 && chosen && (
            <select
              className="jp-mod-styled"
              aria-label={trans.__('Choose a domain')}
              value={chosen.id}
              onChange={event => choose(event.target.value)}
            >
              {items.map(each => (
                <option key={each.id} value={each.id}>
                  {each.name}
                </option>
              ))}
            </select>
          )}
          <span className="smstudio-Header-buttons">
            <button
              className="jp-mod-styled jp-mod-reject"
              onClick={() => setCreating(true)}
            >
              {trans.__('Create domain')}
            </button>
          </span>
        </div>
        {notices.map(notice => (
          <div key={notice} className="smstudio-Note" role="note">
            {notice}
          </div>
        ))}
      </header>
      <StaleBar query={list} />
      {chosen ? (
        <DomainView
          key={chosen.id}
          id={chosen.id}
          tab={place.tab}
          onTab={tab => setPlace(before => ({ ...before, tab }))}
        />
      ) : (
        <EmptyState title={trans.__('No domain')}>
          <p>
            {trans.__(
              'A domain holds the user profiles, their apps, and where shared notebooks are kept.'
            )}
          </p>
          <button
            className="jp-mod-styled jp-mod-accept"
            onClick={() => setCreating(true)}
          >
            {trans.__('Create domain')}
          </button>
        </EmptyState>
      )}
      {creating && (
        <CreateDomainDialog
          onClose={() => setCreating(false)}
          onMade={choose}
        />
      )}
    </div>
  );
}

function DomainView(props: {
  id: string;
  tab: string;
  onTab: (tab: string) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { id } = props;
  const [deleting, setDeleting] = useState(false);
  const query = useQuery<Domain>(
    `domain:${id}`,
    (studio, signal) => studio.api.call('describeDomain', { name: id, signal }),
    {
      concerns: change => KINDS.includes(change.kind),
      busy: domain =>
        [domain, ...domain.profiles, ...domain.spaces].some(
          each => tone(each.status) === 'busy'
        )
    }
  );
  const apps = useQuery<AppList>(
    `domain-apps:${id}`,
    (studio, signal) => studio.api.call('listDomainApps', { name: id, signal }),
    {
      concerns: change => KINDS.includes(change.kind),
      busy: found => found.items.some(each => tone(each.status) === 'busy')
    }
  );
  const domain = query.data;
  if (!domain) {
    return query.error?.status === 404 ? (
      <EmptyState title={trans.__('This domain does not exist any more.')} />
    ) : (
      <PendingPage query={query} rows={5} />
    );
  }
  return (
    <>
      <div className="smstudio-Domain-name">
        <h2>{domain.name}</h2>
        <StatusBadge status={domain.status} detail={domain.failure_reason} />
        <button
          className="jp-mod-styled jp-mod-warn"
          onClick={() => setDeleting(true)}
        >
          {trans.__('Delete domain…')}
        </button>
      </div>
      <StaleBar query={query} />
      <Tabs
        label={trans.__('Parts of the domain')}
        chosen={props.tab}
        onChoose={props.onTab}
        tabs={[
          {
            id: 'users',
            label: trans.__('User profiles'),
            content: () => <Users domain={domain} />
          },
          {
            id: 'spaces',
            label: trans.__('Spaces'),
            content: () => <Spaces domain={domain} />
          },
          {
            id: 'apps',
            label: trans.__('Apps'),
            content: () => <Apps domain={domain} query={apps} />
          },
          {
            id: 'scripts',
            label: trans.__('Lifecycle configurations'),
            content: () => <Scripts domain={domain} />
          },
          {
            id: 'images',
            label: trans.__('Images'),
            content: () => <Images domain={domain} />
          },
          {
            id: 'settings',
            label: trans.__('Settings'),
            content: () => <Overview domain={domain} />
          }
        ]}
      />
      {deleting && (
        <DeleteDomain
          domain={domain}
          apps={apps.data?.items ?? []}
          onClose={() => setDeleting(false)}
        />
      )}
    </>
  );
}

function DeleteDomain(props: {
  domain: Domain;
  apps: AppRow[];
  onClose: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { domain } = props;
  const [home, setHome] = useState(false);
  const first = firstToGo(domain, props.apps);
  return (
    <FormDialog
      title={trans.__('Delete domain')}
      submit={trans.__('Delete domain')}
      warn
      onClose={props.onClose}
      send={() =>
        studio.api.call('deleteDomain', {
          name: domain.id,
          query: { delete_home: home }
        })
      }
    >
      {() => (
        <>
          <p>{trans.__('The domain "%1" is deleted.', domain.name)}</p>
          {first && (
            <div className="smstudio-Note smstudio-mod-warning" role="alert">
              {first === 'apps'
                ? trans.__(
                    'It still has apps. Delete its apps first, then its user profiles and spaces, then the domain.'
                  )
                : trans.__(
                    'It still has user profiles or spaces. Delete them first, then the domain.'
                  )}
            </div>
          )}
          <Check
            checked={home}
            label={trans.__('Delete the home folders of its users, too')}
            help={trans.__('This cannot be undone.')}
            onChange={setHome}
          />
        </>
      )}
    </FormDialog>
  );
}
