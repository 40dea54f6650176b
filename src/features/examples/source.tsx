import type { JSX } from 'react';
import { useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { Example, ExampleSource } from '../../api/generated';
import { usePage } from '../../shared/context';
import { ErrorBox } from '../../shared/states';
import { TimeText } from '../../shared/time';
import { SHOWN, sourceName } from './gallery';
import { Item } from './item';

/** The notebooks of a repository or an S3 folder; closed until somebody looks, for there may be hundreds. */
export function Source(props: {
  source: ExampleSource;
  examples: readonly Example[];
  /** Somebody searches: what was found is to be seen. */
  searching: boolean;
  onChanged: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { source, examples, searching, onChanged } = props;
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiFailure | null>(null);
  const shows = open || (searching && examples.length > 0);
  const name = sourceName(source);
  const act = (work: Promise<unknown>): void => {
    setBusy(true);
    setError(null);
    work
      .then(onChanged)
      .catch(reason => setError(ApiFailure.from(reason)))
      .finally(() => setBusy(false));
  };
  const refresh = (): void =>
    act(
      studio.api.call('addExampleSource', {
        body: { address: source.address, branch: source.branch }
      })
    );
  return (
    <section aria-label={name} className="smstudio-ExampleSource">
      <h3>
        <button
          className="smstudio-Link"
          aria-expanded={shows}
          title={source.address}
          onClick={() => setOpen(!open)}
        >
          {name}
        </button>
      </h3>
      <p className="smstudio-Example-facts">
        {trans._n('%1 notebook', '%1 notebooks', source.notebooks)}
        {' · '}
        <TimeText value={source.updated} />
        {' · '}
        <button
          className="smstudio-Link"
          disabled={busy}
          aria-label={trans.__('Read %1 again', name)}
          onClick={refresh}
        >
          {busy ? trans.__('Reading…') : trans.__('Read again')}
        </button>
        {' · '}
        <button
          className="smstudio-Link"
          disabled={busy}
          aria-label={trans.__('Remove %1', name)}
          onClick={() =>
            act(studio.api.call('removeExampleSource', { name: source.id }))
          }
        >
          {trans.__('Remove')}
        </button>
      </p>
      {error && <ErrorBox error={error} onRetry={refresh} />}
      {shows && (
        <ul>
          {examples.slice(0, SHOWN).map(example => (
            <Item key={example.name} example={example} />
          ))}
        </ul>
      )}
      {shows && examples.length > SHOWN && (
        <p className="smstudio-Example-facts">
          {trans.__('%1 more; a search finds them.', examples.length - SHOWN)}
        </p>
      )}
    </section>
  );
}
