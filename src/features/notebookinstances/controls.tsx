import type { TranslationBundle } from '@jupyterlab/translation';
import type { ComponentProps, JSX, ReactNode } from 'react';

import { usePage } from '../../shared/context';
import {
  SelectField as PlainSelect,
  TextField as PlainField
} from '../../shared/fields';
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
  props: INotebookPart &
    Omit<
      ComponentProps<typeof PlainField>,
      'name' | 'value' | 'error' | 'onChange'
    > & {
      field: TextName;
      /** Says that the field may stay empty. */
      note?: boolean;
    }
): JSX.Element {
  const { trans } = usePage();
  const { field, form, set, error } = props;
  return (
    <PlainField
      {...props}
      name={field}
      value={form[field]}
      error={error(field)}
      optionalNote={props.note ? trans.__('Optional') : undefined}
      help={helpOf(props, trans)}
      onChange={value => set({ [field]: value })}
    />
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
  const { trans } = usePage();
  const { field, form, set, error } = props;
  return (
    <PlainSelect
      name={field}
      label={props.label}
      value={form[field]}
      error={error(field)}
      help={helpOf(props, trans)}
      choices={props.values.map(([value, label]) => ({ value, label }))}
      onChange={value => set({ [field]: value } as Partial<INotebookForm>)}
    />
  );
}

/** What the field is for, and what it does not do on this machine. */
function helpOf(
  props: INotebookPart & { field: string; help?: ReactNode },
  trans: TranslationBundle
): ReactNode {
  const note = localNote(props, props.field);
  return props.help || note ? (
    <>
      {props.help} {note && reason(trans, note)}
    </>
  ) : undefined;
}
