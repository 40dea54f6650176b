import type { JSX } from 'react';
import { useState } from 'react';

import type { Example, Examples } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { usePage } from '../../shared/context';
import { useQuery } from '../../shared/query';
import { EmptyState, ErrorBox, Skeleton } from '../../shared/states';
import { bySection, found, languageName } from './gallery';

/** The sidebar "SageMaker Examples". */
export default function ExamplesPanel(): JSX.Element {
  const { trans } = usePage();
  const [search, setSearch] = useState('');
  const query = useQuery<Examples>(
    'examples',
    (source, signal) => source.api.call('listExamples', { signal }),
    // They come with the package.
    { concerns: () => false, busy: () => false }
  );
  const items = (query.data?.items ?? []).filter(each => found(each, search));
  const titles: Record<Example['section'], string> = {
    walkthroughs: trans.__('Walkthroughs'),
    algorithms: trans.__('Built-in algorithms'),
    magics: trans.__('Magics')
  };
  return (
    <div className="smstudio-Panel">
      <div className="smstudio-Panel-header">
        <h2>{trans.__('SageMaker Examples')}</h2>
      </div>
      <div className="smstudio-Examples-tools">
        <input
          type="search"
          className="jp-mod-styled smstudio-Search"
          value={search}
          placeholder={trans.__('Search examples')}
          aria-label={trans.__('Search examples')}
          data-autofocus
          onChange={event => setSearch(event.target.value)}
        />
      </div>
      {query.error && !query.data && (
        <ErrorBox error={query.error} onRetry={query.refresh} />
      )}
      {query.loading && (
        <div role="status" aria-label={trans.__('Loading')}>
          <Skeleton rows={8} />
        </div>
      )}
      {query.data && !items.length && (
        <EmptyState title={trans.__('No example contains "%1".', search)} />
      )}
      <div className="smstudio-Examples">
        {bySection(items).map(([section, examples]) => (
          <section key={section} aria-label={titles[section]}>
            <h3>{titles[section]}</h3>
            <ul>
              {examples.map(example => (
                <Item key={example.name} example={example} />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </div>
  );
}

function Item(props: { example: Example }): JSX.Element {
  const { trans, commands } = usePage();
  const { example } = props;
  return (
    <li
      className="smstudio-Example"
      data-kind={RowData.example}
      data-name={example.name}
    >
      <button
        className="smstudio-Example-open"
        title={trans.__('Show a read-only preview')}
        onClick={() =>
          void commands.execute(CommandIDs.openExample, { name: example.name })
        }
      >
        <span className="smstudio-Example-title" lang={example.language}>
          {example.title}
        </span>
        <span className="smstudio-Example-text" lang={example.language}>
          {example.description}
        </span>
      </button>
      <div className="smstudio-Example-foot">
        <span className="smstudio-Example-facts">
          {languageName(example.language)} ·{' '}
          {trans.__('about %1 s', example.seconds)}
          {example.needs.length > 0 &&
            ` · ${trans.__('needs %1', example.needs.join(', '))}`}
        </span>
        <button
          className="jp-mod-styled jp-mod-reject smstudio-Example-use"
          onClick={() =>
            void commands.execute(CommandIDs.useExample, { name: example.name })
          }
          aria-label={trans.__('Use %1', example.title)}
          title={trans.__('Copy it to your files')}
        >
          {trans.__('Use')}
        </button>
      </div>
    </li>
  );
}
