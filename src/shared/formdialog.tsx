import type { FormEvent, JSX, ReactNode } from 'react';
import { useRef, useState } from 'react';

import { ApiFailure } from '../api/client';
import { usePage } from './context';
import { DialogButtons } from './dialogbuttons';
import { focusFirstError } from './form';
import { Modal } from './modal';

/** What is wrong with a field of the form, as the server said. */
export type FieldError = (field: string) => string | null;

/** A form in a dialog: sends, says what is wrong and where, closes when it worked. */
export function FormDialog(props: {
  title: string;
  /** Label of the button that sends. */
  submit: string;
  /** It takes something away. */
  warn?: boolean;
  wide?: boolean;
  send: () => Promise<unknown>;
  onClose: () => void;
  /** What stands apart at the left of the buttons (`smstudio-mod-first`). */
  aside?: ReactNode;
  children: (error: FieldError) => ReactNode;
}): JSX.Element {
  const { studio, trans } = usePage();
  const root = useRef<HTMLFormElement>(null);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [sending, setSending] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setSending(true);
    setFailure(null);
    props
      .send()
      .then(() => {
        studio.refresh();
        props.onClose();
      })
      .catch(reason => {
        const problem = ApiFailure.from(reason);
        setFailure(problem);
        setSending(false);
        window.setTimeout(() =>
          focusFirstError(
            root.current,
            problem.fields.map(each => each.field)
          )
        );
      });
  };
  return (
    <Modal title={props.title} wide={props.wide} onClose={props.onClose}>
      <form
        ref={root}
        className="smstudio-Form"
        onSubmit={submit}
        // What was wrong is no more what is there.
        onChange={() => setFailure(null)}
      >
        {props.children(
          field =>
            failure?.fields.find(each => each.field === field)?.message ?? null
        )}
        <DialogButtons
          label={props.submit}
          busyLabel={trans.__('Sending…')}
          busy={sending}
          warn={props.warn}
          error={failure}
          onClose={props.onClose}
          aside={props.aside}
        />
      </form>
    </Modal>
  );
}
