import type { JSX, ReactNode } from 'react';
import { useId } from 'react';

/** What a field's control needs to be labelled and described. */
export interface IControl {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean | undefined;
  'aria-required': boolean | undefined;
}

/** A labelled field with help and, when there is one, an error. */
export function Field(props: {
  /** Name of the field in the API; errors find their field by it. */
  name: string;
  label: string;
  help?: ReactNode;
  error?: string | null;
  required?: boolean;
  optionalNote?: string;
  children: (control: IControl) => ReactNode;
}): JSX.Element {
  const id = useId();
  const described = [
    props.error ? `${id}-error` : '',
    props.help ? `${id}-help` : ''
  ]
    .filter(Boolean)
    .join(' ');
  return (
    <div className="smstudio-Field" data-field={props.name}>
      <label htmlFor={id}>
        {props.label}
        {props.optionalNote && (
          <span className="smstudio-Field-note"> – {props.optionalNote}</span>
        )}
      </label>
      {props.children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': props.error ? true : undefined,
        'aria-required': props.required ? true : undefined
      })}
      {props.error && (
        <div id={`${id}-error`} className="smstudio-Field-error" role="alert">
          {props.error}
        </div>
      )}
      {props.help && (
        <div id={`${id}-help`} className="smstudio-Field-help">
          {props.help}
        </div>
      )}
    </div>
  );
}

/** A group of radio buttons under one question. */
export function Choices<V extends string>(props: {
  name: string;
  legend: string;
  value: V;
  choices: { value: V; label: string; help?: string }[];
  onChange: (value: V) => void;
}): JSX.Element {
  const id = useId();
  return (
    <fieldset className="smstudio-Choices" data-field={props.name}>
      <legend>{props.legend}</legend>
      {props.choices.map(choice => (
        <label key={choice.value} className="smstudio-Choice">
          <input
            type="radio"
            name={`${id}-${props.name}`}
            value={choice.value}
            checked={props.value === choice.value}
            onChange={() => props.onChange(choice.value)}
          />
          <span>
            {choice.label}
            {choice.help && (
              <span className="smstudio-Field-help">{choice.help}</span>
            )}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** A box to tick, with what it means. */
export function Check(props: {
  checked: boolean;
  label: string;
  help: string;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}): JSX.Element {
  return (
    <label className="smstudio-Choice">
      <input
        type="checkbox"
        checked={props.checked}
        disabled={props.disabled}
        onChange={event => props.onChange(event.target.checked)}
      />
      <span>
        {props.label}
        <span className="smstudio-Field-help">{props.help}</span>
      </span>
    </label>
  );
}

/** Moves the focus to the first field of a form that has an error. */
export function focusFirstError(
  root: HTMLElement | null,
  names: string[]
): void {
  const fields = root?.querySelectorAll<HTMLElement>('[data-field]') ?? [];
  for (const field of Array.from(fields)) {
    if (names.includes(field.dataset.field ?? '')) {
      const fold = field.closest('details');
      if (fold) {
        fold.open = true;
      }
      field
        .querySelector<HTMLElement>('input, select, textarea, button')
        ?.focus();
      field.scrollIntoView({ block: 'center' });
      return;
    }
  }
}
