import type { JSX, ReactNode } from 'react';

import { usePage } from '../../shared/context';
import { Field } from '../../shared/form';

/** What names of domains, user profiles, spaces and apps may be. */
export const NAME_PATTERN = '[a-zA-Z0-9](-*[a-zA-Z0-9])*';
const LONGEST_NAME = 63;

interface ITextProps {
  name: string;
  label: string;
  value: string;
  error: string | null;
  required?: boolean;
  help?: ReactNode;
  placeholder?: string;
  pattern?: string;
  maxLength?: number;
  autoFocus?: boolean;
  onChange: (value: string) => void;
}

/** A field for one line of text. */
export function TextField(props: ITextProps): JSX.Element {
  const { trans } = usePage();
  return (
    <Field
      name={props.name}
      label={props.label}
      required={props.required}
      optionalNote={props.required ? undefined : trans.__('optional')}
      error={props.error}
      help={props.help}
    >
      {control => (
        <input
          {...control}
          type="text"
          className="jp-mod-styled"
          required={props.required}
          autoFocus={props.autoFocus}
          maxLength={props.maxLength}
          pattern={props.pattern}
          placeholder={props.placeholder}
          spellCheck={false}
          value={props.value}
          onChange={event => props.onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** A field for a name. */
export function NameField(
  props: Omit<ITextProps, 'pattern' | 'maxLength' | 'required'> & {
    optional?: boolean;
  }
): JSX.Element {
  const { trans } = usePage();
  return (
    <TextField
      {...props}
      required={!props.optional}
      maxLength={LONGEST_NAME}
      pattern={NAME_PATTERN}
      help={
        props.help ??
        trans.__('At most %1 letters, digits and hyphens (-).', LONGEST_NAME)
      }
    />
  );
}

/** A field to choose one of several. */
export function SelectField(props: {
  name: string;
  label: string;
  value: string;
  error: string | null;
  choices: { value: string; label: string }[];
  help?: ReactNode;
  onChange: (value: string) => void;
}): JSX.Element {
  return (
    <Field
      name={props.name}
      label={props.label}
      error={props.error}
      help={props.help}
    >
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
