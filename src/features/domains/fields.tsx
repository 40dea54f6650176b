import type { ComponentProps, JSX } from 'react';

import { usePage } from '../../shared/context';
import { TextField as PlainField } from '../../shared/fields';

/** What names of domains, user profiles, spaces and apps may be. */
export const NAME_PATTERN = '[a-zA-Z0-9](-*[a-zA-Z0-9])*';
const LONGEST_NAME = 63;

type Props = ComponentProps<typeof PlainField>;

/** A field for one line of text, which says when it may stay empty. */
export function TextField(props: Props): JSX.Element {
  const { trans } = usePage();
  return (
    <PlainField
      {...props}
      strict
      optionalNote={props.required ? undefined : trans.__('optional')}
    />
  );
}

/** A field for a name. */
export function NameField(
  props: Omit<Props, 'pattern' | 'maxLength' | 'required'> & {
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
