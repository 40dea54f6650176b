import type { FormEvent, JSX, ReactNode, RefObject } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { ISmStudio } from '../../tokens';
import { CodeTabs, planSnippets } from '../code';
import { usePage, useStatus } from '../context';
import { EstimateNote } from '../cost';
import { ErrorBox, Skeleton } from '../states';
import type { Errors } from './form';
import type { IPlanned } from './useplan';

/** A page with a form: reads what the form offers, and what it is to begin with, before it shows it. */
export function FormPage<O, T>(props: {
  title: string;
  options: (studio: ISmStudio) => Promise<O>;
  load: (options: O) => Promise<T>;
  children: (options: O, start: T) => ReactNode;
}): JSX.Element {
  const { studio, trans } = usePage();
  const target = useStatus()?.target.title;
  const [ready, setReady] = useState<{
    options: O;
    start: T;
  } | null>(null);
  const [error, setError] = useState<ApiFailure | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    setError(null);
    studio
      .ready()
      .then(() => props.options(studio))
      .then(async options => {
        const start = await props.load(options);
        setReady({ options, start });
      })
      .catch(reason => setError(ApiFailure.from(reason)));
    // `load` belongs to the page, which is made anew for another form.
  }, [studio, target, attempt]);
  return (
    <div className="smstudio-Form-page">
      <h1>{props.title}</h1>
      {error ? (
        <ErrorBox error={error} onRetry={() => setAttempt(attempt + 1)} />
      ) : ready ? (
        props.children(ready.options, ready.start)
      ) : (
        <div role="status" aria-label={trans.__('Loading')}>
          <Skeleton rows={10} />
        </div>
      )}
    </div>
  );
}

/** The form's frame: its code, what went wrong, its buttons. */
export function FormFrame(props: {
  root: RefObject<HTMLFormElement>;
  label: string;
  planned: IPlanned;
  errors: Errors;
  failure: ApiFailure | null;
  sending: boolean;
  action: string;
  more?: ReactNode;
  onSubmit: () => void;
  children: ReactNode;
}): JSX.Element {
  const { trans } = usePage();
  const { planned } = props;
  const [code, setCode] = useState(false);
  const count = Object.keys(props.errors).length;
  return (
    <form
      ref={props.root}
      className="smstudio-Form"
      noValidate
      aria-label={props.label}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        props.onSubmit();
      }}
    >
      {props.children}
      {code && planned.plan && (
        <section aria-label={trans.__('Code')}>
          <h2>{trans.__('Code')}</h2>
          <p className="smstudio-Field-help">
            {trans.__('The same as this form, to run in a notebook.')}
          </p>
          <CodeTabs snippets={planSnippets(planned.plan)} />
        </section>
      )}
      {planned.error && <ErrorBox error={planned.error} />}
      {planned.plan?.cost && <EstimateNote found={planned.plan.cost} />}
      {props.failure && <ErrorBox error={props.failure} />}
      <div className="smstudio-Form-footer">
        <span className="smstudio-mod-dim" role="status">
          {count
            ? trans.__('Fields that need attention: %1', count)
            : planned.current && planned.plan?.problems.length === 0
              ? trans.__('Checked against the limits of AWS.')
              : ''}
        </span>
        <span className="smstudio-Header-buttons">
          <button
            type="button"
            className="jp-mod-styled jp-mod-reject"
            aria-expanded={code}
            disabled={!planned.plan}
            onClick={() => setCode(!code)}
          >
            {code ? trans.__('Hide the code') : trans.__('Copy as code')}
          </button>
          {props.more}
          <button
            type="submit"
            className="jp-mod-styled jp-mod-accept"
            disabled={props.sending}
          >
            {props.sending ? trans.__('Creating…') : props.action}
          </button>
        </span>
      </div>
    </form>
  );
}
