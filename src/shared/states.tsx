import type { JSX, ReactNode } from 'react';

import type { ApiFailure } from '../api/client';
import { CommandIDs } from '../commands';
import { usePage } from './context';
import type { IQuery } from './query';
import { TimeText } from './time';

/** Grey bars where rows will be. */
export function Skeleton(props: { rows: number }): JSX.Element {
  return (
    <div className="smstudio-Skeleton" aria-hidden="true">
      {Array.from({ length: props.rows }, (_, index) => (
        <div key={index} className="smstudio-Skeleton-bar" />
      ))}
    </div>
  );
}

/** Failures of a profile that signs in to IAM Identity Center. */
const SIGN_IN_CODES = new Set([
  'SSOError',
  'SSOTokenLoadError',
  'TokenRetrievalError',
  'UnauthorizedSSOTokenError'
]);

/** What went wrong, what to do about it, and a way to try again. */
export function ErrorBox(props: {
  error: ApiFailure;
  onRetry?: () => void;
}): JSX.Element {
  const { commands, trans } = usePage();
  const { error, onRetry } = props;
  return (
    <div className="smstudio-Error" role="alert">
      <div className="smstudio-Error-message">{error.message}</div>
      {error.detail.hint && (
        <div className="smstudio-Error-hint">{error.detail.hint}</div>
      )}
      <div className="smstudio-Error-code">
        {error.code}
        {error.detail.request_id &&
          ` · ${trans.__('Request %1', error.detail.request_id)}`}
      </div>
      {SIGN_IN_CODES.has(error.code) && (
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept"
          onClick={() => void commands.execute(CommandIDs.signIn)}
        >
          {trans.__('Sign in…')}
        </button>
      )}
      {onRetry && (
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          onClick={onRetry}
        >
          {trans.__('Try again')}
        </button>
      )}
    </div>
  );
}

/** One line that says that what is shown is old, and why. */
export function StaleNote(props: {
  error: ApiFailure;
  updated: number | null;
  onRetry: () => void;
}): JSX.Element {
  const { trans } = usePage();
  return (
    <div className="smstudio-Stale" role="status">
      <span title={props.error.detail.hint ?? undefined}>
        {props.error.message}
      </span>
      {props.updated !== null && (
        <span className="smstudio-Stale-time">
          {trans.__('Shown as of')}{' '}
          <TimeText value={new Date(props.updated).toISOString()} />
        </span>
      )}
      <button className="smstudio-Link" onClick={props.onRetry}>
        {trans.__('Try again')}
      </button>
    </div>
  );
}

/** A page that has nothing to show yet: grey bars, or why it has nothing. */
export function PendingPage(props: {
  query: IQuery<unknown>;
  rows: number;
}): JSX.Element {
  const { trans } = usePage();
  const { error, refresh } = props.query;
  return (
    <div className="smstudio-Main">
      {error ? (
        <ErrorBox error={error} onRetry={refresh} />
      ) : (
        <div role="status" aria-label={trans.__('Loading')}>
          <Skeleton rows={props.rows} />
        </div>
      )}
    </div>
  );
}

/** The note above a page that could not be asked for again; nothing while it can. */
export function StaleBar(props: {
  query: IQuery<unknown>;
}): JSX.Element | null {
  const { error, updated, refresh } = props.query;
  return (
    error && <StaleNote error={error} updated={updated} onRetry={refresh} />
  );
}

/** Nothing there yet: says what to do next. */
export function EmptyState(props: {
  title: string;
  children?: ReactNode;
}): JSX.Element {
  return (
    <div className="smstudio-Empty">
      <div className="smstudio-Empty-title">{props.title}</div>
      {props.children && (
        <div className="smstudio-Empty-text">{props.children}</div>
      )}
    </div>
  );
}
