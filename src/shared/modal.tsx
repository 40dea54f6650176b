import type { JSX, ReactNode } from 'react';
import { useEffect, useId, useRef } from 'react';

/** A dialog of the browser's own kind: keeps the focus inside, Escape closes it. */
export function Modal(props: {
  title: string;
  /** For code and tables. */
  wide?: boolean;
  onClose: () => void;
  children: ReactNode;
}): JSX.Element {
  const { title, onClose, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const node = dialog.current;
    if (node && !node.open) {
      node.showModal();
    }
    return () => node?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`smstudio-Modal ${props.wide ? 'smstudio-mod-wide' : ''}`}
      aria-labelledby={id}
      // Lab's own shortcuts must not run while somebody types here.
      data-lm-suppress-shortcuts="true"
      onKeyDown={event => event.stopPropagation()}
      onCancel={event => {
        event.preventDefault();
        // Of a dialog over this one, which React tells its parents, too.
        if (event.target === event.currentTarget) {
          onClose();
        }
      }}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
