import type { JSX } from 'react';
import { useState } from 'react';

import type { Hyperparameter } from '../../api/generated';
import { usePage } from '../context';
import { Field } from '../form';
import type { IFormPart } from './form';
import { declared } from './form';
import { PairsEditor } from './pairs';

/** How many fields show before the rest is asked for. */
const AT_FIRST = 12;

/** The hyperparameters: a field each for an algorithm that says what it takes, else rows of names and values. */
export function HyperparameterFields(
  props: IFormPart & {
    /** Those that a tuning job searches have no value of their own. */
    tuned?: ReadonlySet<string>;
  }
): JSX.Element {
  const { trans } = usePage();
  const { form, options, set, error } = props;
  const [all, setAll] = useState(false);
  const [search, setSearch] = useState('');
  const known = declared(form, options);
  const value = (name: string): string =>
    form.hyperparameters.find(each => each.name === name)?.value ?? '';
  const change = (name: string, text: string): void => {
    const there = form.hyperparameters.some(each => each.name === name);
    set({
      hyperparameters: there
        ? form.hyperparameters.map(each =>
            each.name === name ? { name, value: text } : each
          )
        : [...form.hyperparameters, { name, value: text }]
    });
  };
  if (!known.length) {
    return (
      <PairsEditor
        field="hyperparameters"
        pairs={form.hyperparameters}
        onChange={hyperparameters => set({ hyperparameters })}
        nameLabel={trans.__('Name')}
        valueLabel={trans.__('Value')}
        addLabel={trans.__('Add a hyperparameter')}
        error={error}
      />
    );
  }
  const names = new Set(known.map(each => each.name));
  const others = form.hyperparameters.filter(each => !names.has(each.name));
  const wanted = known.filter(each =>
    search ? each.name.includes(search.trim().toLowerCase()) : true
  );
  // What is required or set comes first and always shows; the rest in the order of the documentation.
  const first = (each: Hyperparameter): boolean =>
    !!each.required ||
    value(each.name) !== '' ||
    !!error(`hyperparameters.${each.name}`);
  const shown =
    search || all
      ? wanted
      : known.filter((each, index) => first(each) || index < AT_FIRST);
  return (
    <>
      {known.length > AT_FIRST && (
        <input
          type="search"
          className="jp-mod-styled smstudio-Search"
          value={search}
          placeholder={trans.__('Search hyperparameters')}
          aria-label={trans.__('Search hyperparameters')}
          onChange={event => setSearch(event.target.value)}
        />
      )}
      <div className="smstudio-Parameters">
        {shown.map(each => (
          <ParameterField
            key={each.name}
            parameter={each}
            value={value(each.name)}
            tuned={props.tuned?.has(each.name) ?? false}
            error={error(`hyperparameters.${each.name}`)}
            onChange={text => change(each.name, text)}
          />
        ))}
      </div>
      {shown.length < wanted.length && (
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          onClick={() => setAll(true)}
        >
          {trans.__('Show all %1 hyperparameters', known.length)}
        </button>
      )}
      {others.length > 0 && (
        <PairsEditor
          field="hyperparameters"
          pairs={others}
          onChange={pairs =>
            set({
              hyperparameters: [
                ...form.hyperparameters.filter(each => names.has(each.name)),
                ...pairs
              ]
            })
          }
          nameLabel={trans.__('Name')}
          valueLabel={trans.__('Value')}
          addLabel={trans.__('Add a hyperparameter')}
          error={error}
        />
      )}
    </>
  );
}

function ParameterField(props: {
  parameter: Hyperparameter;
  value: string;
  tuned: boolean;
  error: string | null;
  onChange: (value: string) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { parameter, value, onChange } = props;
  const choices = parameter.choices ?? [];
  const chosen =
    parameter.kind === 'choice' || parameter.kind === 'boolean'
      ? choices.length
        ? choices
        : ['true', 'false']
      : null;
  return (
    <Field
      name={`hyperparameters.${parameter.name}`}
      label={parameter.name}
      required={parameter.required}
      optionalNote={parameter.required ? trans.__('required') : undefined}
      error={props.error}
      help={bounds(parameter)}
    >
      {control =>
        props.tuned ? (
          <span {...control} className="smstudio-mod-dim">
            {trans.__('searched')}
          </span>
        ) : chosen ? (
          <select
            {...control}
            className="jp-mod-styled"
            value={value}
            onChange={event => onChange(event.target.value)}
          >
            <option value="">
              {parameter.default
                ? trans.__('%1 (default)', parameter.default)
                : '—'}
            </option>
            {value && !chosen.includes(value) && <option>{value}</option>}
            {chosen.map(each => (
              <option key={each}>{each}</option>
            ))}
          </select>
        ) : (
          <input
            {...control}
            type="text"
            inputMode={parameter.kind === 'integer' ? 'numeric' : undefined}
            className="jp-mod-styled"
            value={value}
            placeholder={parameter.default ?? ''}
            spellCheck={false}
            onChange={event => onChange(event.target.value)}
          />
        )
      }
    </Field>
  );
}

/** `0 – 1`, `≥ 1`, or the choices of a list. */
function bounds(parameter: Hyperparameter): string | undefined {
  const { min, max } = parameter;
  if (parameter.kind === 'list' && parameter.choices?.length) {
    return parameter.choices.join(', ');
  }
  if (typeof min === 'number' && typeof max === 'number') {
    return `${min} – ${max}`;
  }
  if (typeof min === 'number') {
    return `≥ ${min}`;
  }
  return typeof max === 'number' ? `≤ ${max}` : undefined;
}
