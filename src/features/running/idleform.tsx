import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { IdlePolicy, IdleState } from '../../api/generated';
import { duration } from '../../shared/clock';
import { usePage } from '../../shared/context';
import { NumberField } from '../../shared/fields';
import { useQuery } from '../../shared/query';
import { ErrorBox, PendingPage } from '../../shared/states';

/** The idle policy: when an instance is shut down that nobody uses. */
export function IdleForm(): JSX.Element {
  const { studio, trans } = usePage();
  const query = useQuery<IdleState>(
    'idle',
    async (_, signal) => studio.api.call('getIdle', { signal }),
    { concerns: change => change.kind === 'IdleInstance', busy: () => true }
  );
  const [policy, setPolicy] = useState<IdlePolicy | null>(null);
  const [saved, setSaved] = useState(false);
  const [error, setError] = useState<ApiFailure | null>(null);
  useEffect(() => {
    // What is typed stays; the server's answer is only the beginning.
    setPolicy(before => before ?? query.data?.policy ?? null);
  }, [query.data]);
  if (!query.data || !policy) {
    return <PendingPage query={query} rows={4} />;
  }
  const set = (change: Partial<IdlePolicy>): void => {
    setPolicy({ ...policy, ...change });
    setSaved(false);
  };
  const save = async (): Promise<void> => {
    setError(null);
    try {
      await studio.api.call('setIdle', { body: policy });
      setSaved(true);
      query.refresh();
    } catch (reason) {
      setError(ApiFailure.from(reason));
    }
  };
  return (
    <form
      className="smstudio-Usage-text"
      onSubmit={event => {
        event.preventDefault();
        void save();
      }}
    >
      <p>
        {trans.__(
          'An instance is idle while none of its kernels is busy and it uses hardly any CPU. After the time below it is shut down with its apps and kernels, like by hand; unsaved data of the kernels is lost.'
        )}
        {!query.data.offered &&
          ` ${trans.__('This is of the local target. Domains on AWS have idle settings of their own.')}`}
      </p>
      <label className="smstudio-Choice">
        <input
          type="checkbox"
          checked={policy.enabled}
          onChange={event => set({ enabled: event.target.checked })}
        />
        <span>{trans.__('Shut down idle instances')}</span>
      </label>
      <NumberField
        name="timeout_minutes"
        label={trans.__('Idle minutes before shutdown')}
        help={trans.__('5 to 525,600')}
        min={5}
        max={525600}
        value={policy.timeout_minutes}
        onChange={timeout_minutes => set({ timeout_minutes })}
      />
      <NumberField
        name="warn_minutes"
        label={trans.__('Minutes of warning before')}
        help={trans.__('Pages then offer to keep the instance. 0 to 60')}
        min={0}
        max={60}
        value={policy.warn_minutes}
        onChange={warn_minutes => set({ warn_minutes })}
      />
      <NumberField
        name="cpu_percent"
        label={trans.__('CPU use that counts as activity, percent')}
        help={trans.__('Of all vCPUs of the instance')}
        min={0}
        max={100}
        value={policy.cpu_percent}
        onChange={cpu_percent => set({ cpu_percent })}
      />
      <label className="smstudio-Choice">
        <input
          type="checkbox"
          checked={policy.terminals}
          onChange={event => set({ terminals: event.target.checked })}
        />
        <span>
          {trans.__('An open image terminal keeps its instance, as on AWS')}
        </span>
      </label>
      {error && <ErrorBox error={error} />}
      <div className="smstudio-Usage-tools">
        <button className="jp-mod-styled jp-mod-accept" type="submit">
          {trans.__('Save')}
        </button>
        <span role="status">{saved && trans.__('Saved.')}</span>
      </div>
      {query.data.instances.length > 0 && (
        <>
          <h2>{trans.__('Instances now')}</h2>
          <ul>
            {query.data.instances.map(each => (
              <li key={each.name}>
                {each.left_seconds === null
                  ? trans.__(
                      '%1: idle for %2',
                      each.name,
                      duration(each.idle_seconds)
                    )
                  : trans.__(
                      '%1: idle for %2, shut down in %3 unless it is used',
                      each.name,
                      duration(each.idle_seconds),
                      duration(each.left_seconds)
                    )}
              </li>
            ))}
          </ul>
        </>
      )}
    </form>
  );
}
