import type { JSX } from 'react';
import { useState } from 'react';

import type { Example, Examples } from '../../api/generated';
import { usePage } from '../../shared/context';
import { useQuery } from '../../shared/query';
import { EmptyState, ErrorBox, Skeleton } from '../../shared/states';
import { AddSource } from './addsource';
import { bySection, found } from './gallery';
import { Item } from './item';
import { Source } from './source';

/** The sidebar "SageMaker Examples". */
export default function ExamplesPanel(): JSX.Element {
  const { trans } = usePage();
  const [search, setSearch] = useState('');
  const query = useQuery<Examples>(
    'examples',
    (source, signal) => source.api.call('listExamples', { signal }),
    // They come with the package, or change when somebody here adds some.
    { concerns: () => false, busy: () => false }
  );
  const [adding, setAdding] = useState(false);
  const items = (query.data?.items ?? []).filter(each => found(each, search));
  const titles: Record<Example['section'], string> = {
    walkthroughs: trans.__('Walkthroughs'),
    algorithms: trans.__('Built-in algorithms'),
    magics: trans.__('Magics'),
    sources: ''
  };
  const sources = query.data?.sources ?? [];
  return (
    <div className="smstudio-Panel">
      <div className="smstudio-Panel-header">
        <h2>{trans.__('SageMaker Examples')}</h2>
        <button
          className="jp-mod-styled jp-mod-reject smstudio-Example-add"
          title={trans.__(
            'Add a Git repository or an S3 folder with notebooks'
          )}
          onClick={() => setAdding(true)}
        >
          {trans.__('Add source…')}
        </button>
      </div>
      {adding && (
        <AddSource
          onClose={() => setAdding(false)}
          onAdded={() => {
            setAdding(false);
            query.refresh();
          }}
        />
      )}
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
        {sources.map(source => (
          <Source
            key={source.id}
            source={source}
            examples={items.filter(each => each.source === source.id)}
            searching={search.trim() !== ''}
            onChanged={query.refresh}
          />
        ))}
      </div>
    </div>
  );
}
