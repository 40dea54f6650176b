import type { TranslationBundle } from '@jupyterlab/translation';
import type { JSX, ReactNode } from 'react';
import { useId } from 'react';

import { usePage } from '../../shared/context';
import { Field } from '../../shared/form';
import type { INotebookForm, INotebookPart } from './form';

/** Why a field changes nothing on this machine; none where it does. */
export function localNote(props: INotebookPart, field: string): string | null {
  return props.options.without_meaning.includes(field) ? field : null;
}

/** The sentence that says it. */
export function reason(trans: TranslationBundle, field: string): string {
  switch (field) {
    case 'platform':
      return trans.__(
        'Kept, without effect here: the instance runs on this machine’s own system.'
      );
    case 'accelerator':
      return trans.__('Kept, without effect: AWS has ended Elastic Inference.');
    case 'minimum_imds':
      return trans.__(
        'Kept, without effect here: there is no metadata service.'
      );
    case 'role_arn':
      return trans.__(
        'Kept; on this machine everything may be done, whatever the role.'
      );
    case 'root_access':
      return trans.__(
        'Kept, without effect here: programs run as the user of the engine, who gets no more rights.'
      );
    case 'kms_key':
      return trans.__(
        'Kept, without effect here: the volume is a folder on this disk and is not encrypted.'
      );
    case 'volume_gb':
      return trans.__(
        'On this machine the volume is a folder, whose size is not limited.'
      );
    case 'direct_internet':
      return trans.__(
        'Kept, without effect here: the instance reaches what this machine reaches.'
      );
    default:
      return trans.__(
        'Kept, without effect here: the instance is on this machine’s loopback, there is no VPC.'
      );
  }
}

/** A value of a list, and what it is called. */
export type Pair = [value: string, label: string];

type TextName =
  | 'name'
  | 'volume_gb'
  | 'role_arn'
  | 'bucket_names'
  | 'kms_key'
  | 'subnet_id'
  | 'security_groups'
  | 'default_repository'
  | 'allowed_ips';

/** A field of one line. */
export function TextField(
  props: INotebookPart & {
    field: TextName;
    label: string;
    required?: boolean;
    focus?: boolean;
    note?: boolean;
    numeric?: boolean;
    choices?: string[];
    placeholder?: string;
    help?: ReactNode;
  }
): JSX.Element {
  const { trans } = usePage();
  const list = useId();
  const { field, form, choices } = props;
  return (
    <Field
      name={field}
      label={props.label}
      required={props.required}
      optionalNote={props.note ? trans.__('Optional') : undefined}
      error={props.error(field)}
      help={<Help {...props} />}
    >
      {control => (
        <>
          <input
            {...control}
            type="text"
            inputMode={props.numeric ? 'numeric' : undefined}
            className="jp-mod-styled"
            data-autofocus={props.focus || undefined}
            value={form[field]}
            list={choices ? list : undefined}
            placeholder={props.placeholder}
            spellCheck={false}
            onChange={event => props.set({ [field]: event.target.value })}
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

/** A field with a list of values. */
export function SelectField(
  props: INotebookPart & {
    field: 'platform' | 'lifecycle_config' | 'minimum_imds' | 'accelerator';
    label: string;
    values: Pair[];
  }
): JSX.Element {
  const { field, form } = props;
  return (
    <Field
      name={field}
      label={props.label}
      error={props.error(field)}
      help={<Help {...props} />}
    >
      {control => (
        <select
          {...control}
          className="jp-mod-styled"
          value={form[field]}
          onChange={event =>
            props.set({
              [field]: event.target.value
            } as Partial<INotebookForm>)
          }
        >
          {props.values.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** What the field is for, and what it does not do on this machine. */
function Help(
  props: INotebookPart & { field: string; help?: ReactNode }
): JSX.Element | null {
  const { trans } = usePage();
  const note = localNote(props, props.field);
  return props.help || note ? (
    <>
      {props.help} {note && reason(trans, note)}
    </>
  ) : null;
}
