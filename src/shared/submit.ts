import type { RefObject } from 'react';
import { useRef, useState } from 'react';

import { ApiFailure } from '../api/client';
import { usePage } from './context';
import { focusFirstError } from './form';

/** The sending of a form. */
export interface ISubmit {
  /** For the form's element. */
  root: RefObject<HTMLFormElement>;
  /** Why the server refused the form. */
  failure: ApiFailure | null;
  sending: boolean;
  /** Forgets why the form was refused. */
  clear: () => void;
  /** Moves the focus to the first of some fields. */
  focus: (fields: string[]) => void;
  send: (ask: () => Promise<{ name: string }>) => void;
}

/** Sends a form: opens what was created, or says at the fields why it was refused. */
export function useSubmit(options: {
  /** Command that opens what was created. */
  opens: string;
  /** Forgets the draft. */
  forget: () => void;
  /** Closes the form. */
  onDone: () => void;
  /** Name of a field on the page, where it is not that of the API. */
  fieldOf?: (name: string) => string;
}): ISubmit {
  const { studio, commands } = usePage();
  const root = useRef<HTMLFormElement>(null);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [sending, setSending] = useState(false);
  const focus = (fields: string[]): void => {
    // The errors are drawn first, then the focus may move to one.
    window.setTimeout(() =>
      focusFirstError(
        root.current,
        options.fieldOf ? fields.map(options.fieldOf) : fields
      )
    );
  };
  return {
    root,
    failure,
    sending,
    clear: () => setFailure(null),
    focus,
    send: ask => {
      setSending(true);
      setFailure(null);
      ask()
        .then(async ({ name }) => {
          options.forget();
          studio.refresh();
          await commands.execute(options.opens, { name });
          options.onDone();
        })
        .catch(reason => {
          const problem = ApiFailure.from(reason);
          setFailure(problem);
          focus(problem.fields.map(each => each.field));
        })
        .finally(() => setSending(false));
    }
  };
}
