import type { InputHTMLAttributes, JSX, ReactNode } from 'react';
import { useId } from 'react';

import { Field } from './form';

interface IFieldProps {
  /** Name of the field in the API; errors find their field by it. */
  name: string;
  label: string;
  error?: string | null;
  required?: boolean;
  /** Says that the field may stay empty. */
  optionalNote?: string;
  help?: ReactNode;
}

/** A field for one line of text. */
export function TextField(
  props: IFieldProps &
    Pick<
      InputHTMLAttributes<HTMLInputElement>,
      'placeholder' | 'pattern' | 'maxLength' | 'autoFocus'
    > & {
      value: string;
      /** The page's first field: it gets the focus when the page opens. */
      focus?: boolean;
      /** The browser itself refuses to send it empty. */
      strict?: boolean;
      numeric?: boolean;
      /** Offered while something is typed. */
      choices?: string[];
      onChange: (value: string) => void;
    }
): JSX.Element {
  const list = useId();
  const { choices } = props;
  return (
    <Field {...props}>
      {control => (
        <>
          <input
            {...control}
            type="text"
            inputMode={props.numeric ? 'numeric' : undefined}
            className="jp-mod-styled"
            data-autofocus={props.focus || undefined}
            autoFocus={props.autoFocus}
            required={props.strict && props.required}
            maxLength={props.maxLength}
            pattern={props.pattern}
            placeholder={props.placeholder}
            list={choices ? list : undefined}
            spellCheck={false}
            value={props.value}
            onChange={event => props.onChange(event.target.value)}
          />
          {choices && (
            <datalist id={list}>
              {choices.map(each => (
                <option key={each} value={each} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  );
}

/** A field for a number within limits. */
export function NumberField(
  props: IFieldProps & {
    value: number | undefined;
    min: number;
    max: number;
    onChange: (value: number) => void;
  }
): JSX.Element {
  return (
    <Field {...props}>
      {control => (
        <input
          {...control}
          type="number"
          className="jp-mod-styled"
          min={props.min}
          max={props.max}
          step="any"
          required
          value={props.value}
          onChange={event => props.onChange(event.target.valueAsNumber)}
        />
      )}
    </Field>
  );
}

/** A field to choose one of several. */
export function SelectField(
  props: IFieldProps & {
    value: string;
    choices: { value: string; label: string }[];
    onChange: (value: string) => void;
  }
): JSX.Element {
  return (
    <Field {...props}>
      {control => (
        <select
          {...control}
          className="jp-mod-styled"
          value={props.value}
          onChange={event => props.onChange(event.target.value)}
        >
          {props.choices.map(choice => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
