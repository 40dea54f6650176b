import type { JSX } from 'react';
import { useMemo, useState } from 'react';

import type { ComponentSet } from '../../api/generated';
import { usePage } from '../../shared/context';
import { PendingPage, StaleBar } from '../../shared/states';
import { Tabs } from '../../shared/tabs';
import { useChartSource } from './charts/data';
import { Charts } from './charts/panel';
import { Compare } from './compare';
import { Describe } from './describe';
import type { IHost } from './host';
import { HostContext } from './host';

/** The page "Open in trial details": one component with all that it holds, or the charts and the comparison of several. */
export default function TrialDetailsPage(props: {
  page: string;
  set: ComponentSet;
  addChart: boolean;
  host: IHost;
}): JSX.Element {
  const { set, host } = props;
  const single = set.names?.length === 1;
  return (
    <HostContext.Provider value={host}>
      {single && set.names ? (
        <One page={props.page} name={set.names[0]} addChart={props.addChart} />
      ) : (
        <Several {...props} />
      )}
    </HostContext.Provider>
  );
}

function One(props: {
  page: string;
  name: string;
  addChart: boolean;
}): JSX.Element {
  const [name, setName] = useState(props.name);
  return (
    <Describe
      key={name}
      page={`${props.page}:${name}`}
      name={name}
      addChart={props.addChart}
      onStage={setName}
    />
  );
}

function Several(props: {
  page: string;
  set: ComponentSet;
  addChart: boolean;
}): JSX.Element {
  const { trans } = usePage();
  const { set } = props;
  const query = useChartSource(set);
  const known = query.data;
  const names = useMemo(
    () => known?.components.map(each => each.name) ?? [],
    [known]
  );
  if (!known) {
    return <PendingPage query={query} rows={6} />;
  }
  return (
    <div className="smstudio-Main smstudio-TrialDetails">
      <header className="smstudio-Header">
        <div className="smstudio-Header-line">
          <h1>{trans.__('TRIAL DETAILS')}</h1>
          <span className="smstudio-mod-dim">
            {trans.__('%1 components', known.total)}
          </span>
        </div>
      </header>
      <StaleBar query={query} />
      <Tabs
        label={trans.__('Parts of the trial details')}
        tabs={[
          {
            id: 'charts',
            label: trans.__('Charts'),
            content: () => (
              <Charts
                page={props.page}
                source={set}
                known={known}
                addChart={props.addChart}
              />
            )
          },
          {
            id: 'compare',
            label: trans.__('Compare'),
            content: () => <Compare names={names} />
          }
        ]}
      />
    </div>
  );
}
