import type { JSX } from 'react';

import { usePage } from '../context';
import { Field } from '../form';
import { Tags } from '../tags';
import type { IPair } from './form';
import { PairsEditor } from './pairs';

interface IPart<F> {
  form: F;
  set: (change: Partial<F>) => void;
  error: (field: string) => string | null;
}

/** The environment variables of a job's containers. */
export function EnvironmentFields(
  props: IPart<{ environment: IPair[] }>
): JSX.Element {
  const { trans } = usePage();
  return (
    <>
      <h3>{trans.__('Environment variables')}</h3>
      <PairsEditor
        field="environment"
        pairs={props.form.environment}
        onChange={environment => props.set({ environment })}
        nameLabel={trans.__('Name')}
        valueLabel={trans.__('Value')}
        addLabel={trans.__('Add a variable')}
        error={props.error}
      />
    </>
  );
}

/** A job's tags, and what its form has no field for. */
export function FurtherFields(
  props: IPart<{
    tags: { key: string; value: string }[];
    /** JSON. */
    further: string;
  }> & { label: string; help: string }
): JSX.Element {
  const { trans } = usePage();
  const { form, set, error } = props;
  return (
    <>
      <h3>{trans.__('Tags')}</h3>
      <Tags
        tags={form.tags}
        onChange={tags => set({ tags })}
        error={error('tags')}
      />
      <h3>{trans.__('Other members of the request')}</h3>
      <Field
        name="further"
        label={props.label}
        error={error('further')}
        help={props.help}
      >
        {control => (
          <textarea
            {...control}
            className="jp-mod-styled smstudio-Json"
            rows={Math.min(14, Math.max(3, form.further.split('\n').length))}
            value={form.further}
            spellCheck={false}
            onChange={event => set({ further: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}
