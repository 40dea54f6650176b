import type { JSX, ReactNode, Ref } from 'react';

import type { ApiFailure } from '../api/client';
import { usePage } from './context';
import { ErrorBox } from './states';

/** Properties of a dialog's end. */
export interface IDialogButtonsProps {
  /** Of the button that goes on; without it there is only the one that closes. */
  label?: string;
  /** The same while what was asked for runs. */
  busyLabel?: string;
  /** What was asked for runs: it cannot be asked for twice. */
  busy?: boolean;
  /** It cannot be asked for yet. */
  disabled?: boolean;
  /** It takes something away: the way back has the focus. */
  warn?: boolean;
  /** Of the button that leaves; "Cancel", and "Close" where there is no other. */
  leave?: string;
  /** What went wrong, unless a field says it. */
  error?: ApiFailure | null;
  /** Asks again for what the dialog shows. */
  onRetry?: () => void;
  onClose: () => void;
  /** Goes on; without it the button sends the form that it is in. */
  onAccept?: () => void;
  /** What goes on has the focus from the start; where there is nothing, what closes. */
  autoFocus?: boolean;
  /** The button that goes on, for who moves the focus to it. */
  acceptRef?: Ref<HTMLButtonElement>;
  /** Further buttons, before the others. */
  children?: ReactNode;
  /** What stands apart at the left (`smstudio-mod-first`), and comes last for the keyboard. */
  aside?: ReactNode;
}

/** How every dialog ends: what went wrong, the way back and the way on. */
export function DialogButtons(props: IDialogButtonsProps): JSX.Element {
  const { trans } = usePage();
  const { label, busy, error, onAccept } = props;
  return (
    <>
      {error && <ErrorBox error={error} onRetry={props.onRetry} />}
      <div className="smstudio-Buttons">
        {props.children}
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          autoFocus={label ? props.warn : props.autoFocus}
          onClick={props.onClose}
        >
          {props.leave ?? (label ? trans.__('Cancel') : trans.__('Close'))}
        </button>
        {label && (
          <button
            type={onAccept ? 'button' : 'submit'}
            className={`jp-mod-styled ${props.warn ? 'jp-mod-warn' : 'jp-mod-accept'}`}
            ref={props.acceptRef}
            autoFocus={props.autoFocus}
            disabled={busy || props.disabled}
            onClick={onAccept}
          >
            {(busy && props.busyLabel) || label}
          </button>
        )}
        {props.aside}
      </div>
    </>
  );
}

/** What went wrong and no field of the form says: the failures with fields stand at them. */
export function unplaced(error: ApiFailure | null): ApiFailure | null {
  return error && error.fields.length === 0 ? error : null;
}
