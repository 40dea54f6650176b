import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { Endpoint, Variant } from '../../api/generated';
import { usePage } from '../../shared/context';
import { ErrorBox } from '../../shared/states';
import { Containers } from './containers';
import { percents, slide } from './traffic';

/** What somebody changed and has not applied yet. */
interface IEdit {
  shares: number[];
  instances: string[];
  held: boolean[];
}

/** The tab "Variants": what serves, with which share of the traffic, on how many instances. */
export function Variants(props: {
  endpoint: Endpoint;
  refresh: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { endpoint } = props;
  const variants = endpoint.variants.filter(variant => !variant.shadow);
  const shadows = endpoint.variants.filter(variant => variant.shadow);
  const present = editOf(variants);
  const [edit, setEdit] = useState<IEdit | null>(null);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<ApiFailure | null>(null);
  const names = variants.map(variant => variant.name).join('\n');
  // Other variants than those that were edited: what was typed is about nothing any more.
  useEffect(() => setEdit(null), [names]);
  const shown = edit ?? present;
  const moved = shown.shares.some((share, at) => share !== present.shares[at]);
  const resized = shown.instances.map(
    (count, at) => count !== present.instances[at]
  );
  const least = endpoint.kind === 'Asynchronous' ? 0 : 1;
  const bad = resized.some(
    (changed, at) =>
      changed &&
      !(
        /^\d+$/.test(shown.instances[at]) &&
        Number(shown.instances[at]) >= least
      )
  );
  const dirty = moved || resized.includes(true);
  const editable = endpoint.can_update && !sending;
  const apply = (): void => {
    setSending(true);
    setError(null);
    studio.api
      .call('changeTraffic', {
        name: endpoint.name,
        body: {
          variants: variants.flatMap((variant, at) =>
            moved || resized[at]
              ? [
                  {
                    name: variant.name,
                    weight: moved ? shown.shares[at] : null,
                    instances: resized[at] ? Number(shown.instances[at]) : null
                  }
                ]
              : []
          )
        }
      })
      .then(() => {
        setEdit(null);
        props.refresh();
      })
      .catch(reason => setError(ApiFailure.from(reason)))
      .finally(() => setSending(false));
  };
  return (
    <div className="smstudio-Profile">
      <form
        aria-label={trans.__('Traffic and instances')}
        onSubmit={event => {
          event.preventDefault();
          if (dirty && !bad && editable) {
            apply();
          }
        }}
      >
        <div className="smstudio-Scroll">
          <table
            className="smstudio-Table smstudio-Variants"
            aria-label={trans.__('Production variants')}
          >
            <thead>
              <tr>
                <th scope="col">{trans.__('Variant')}</th>
                <th scope="col">{trans.__('Traffic')}</th>
                <th scope="col">{trans.__('Instances')}</th>
                <th scope="col">{trans.__('Model')}</th>
              </tr>
            </thead>
            <tbody>
              {variants.map((variant, at) => (
                <tr key={variant.name}>
                  <NameCell variant={variant} />
                  <td>
                    <Share
                      variant={variant}
                      share={shown.shares[at]}
                      held={shown.held[at]}
                      only={variants.length === 1}
                      mayHold={variants.length > 2}
                      disabled={!editable}
                      onChange={share =>
                        setEdit({
                          ...shown,
                          shares: slide(shown.shares, at, share, shown.held)
                        })
                      }
                      onHold={held =>
                        setEdit({
                          ...shown,
                          held: replaced(shown.held, at, held)
                        })
                      }
                    />
                  </td>
                  <td>
                    <Instances
                      variant={variant}
                      value={shown.instances[at]}
                      least={least}
                      disabled={!editable}
                      onChange={count =>
                        setEdit({
                          ...shown,
                          instances: replaced(shown.instances, at, count)
                        })
                      }
                    />
                  </td>
                  <ModelCell variant={variant} />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {error && <ErrorBox error={error} />}
        {bad && (
          <p className="smstudio-Field-error" role="alert">
            {trans.__(
              'Instance counts are whole numbers of at least %1.',
              least
            )}
          </p>
        )}
        <div className="smstudio-Buttons smstudio-mod-start">
          <button
            type="submit"
            className="jp-mod-styled jp-mod-accept"
            disabled={!dirty || bad || !editable}
          >
            {sending ? trans.__('Applying…') : trans.__('Apply')}
          </button>
          <button
            type="button"
            className="jp-mod-styled jp-mod-reject"
            disabled={!edit || sending}
            onClick={() => {
              setEdit(null);
              setError(null);
            }}
          >
            {trans.__('Reset')}
          </button>
          <span className="smstudio-mod-dim">
            {!endpoint.can_update
              ? trans.__('Changes wait until the endpoint is InService.')
              : dirty
                ? trans.__(
                    'Nothing changes before Apply; no request is lost then.'
                  )
                : variants.length > 1
                  ? trans.__('Move a slider to shift traffic.')
                  : trans.__(
                      'A second variant, added under Update, makes an A/B test.'
                    )}
          </span>
        </div>
      </form>
      {shadows.length > 0 && <Shadows variants={shadows} />}
    </div>
  );
}

function NameCell(props: { variant: Variant }): JSX.Element {
  const { variant } = props;
  return (
    <th scope="row">
      {variant.name}
      {variant.status && (
        <span className="smstudio-Field-help">{variant.status}</span>
      )}
    </th>
  );
}

function ModelCell(props: { variant: Variant }): JSX.Element {
  const { trans } = usePage();
  const { variant } = props;
  return (
    <td>
      {variant.model_name ?? '—'}
      <details className="smstudio-Details">
        <summary>
          {trans.__('Containers: %1', variant.containers.length)}
        </summary>
        <Containers variant={variant} />
      </details>
    </td>
  );
}

function Instances(props: {
  variant: Variant;
  value: string;
  least: number;
  disabled: boolean;
  onChange: (count: string) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { variant } = props;
  if (variant.serverless) {
    return (
      <>
        {trans.__('Serverless')}
        <span className="smstudio-Field-help">
          {trans.__(
            '%1 MB, %2 at once',
            variant.memory_mb ?? '?',
            variant.max_concurrency ?? '?'
          )}
        </span>
      </>
    );
  }
  const { current_instances: current, desired_instances: desired } = variant;
  return (
    <>
      <input
        type="number"
        className="jp-mod-styled smstudio-mod-number"
        aria-label={trans.__('Instances of %1', variant.name)}
        min={props.least}
        step={1}
        value={props.value}
        disabled={props.disabled}
        onChange={event => props.onChange(event.target.value)}
      />
      <span className="smstudio-Field-help">
        {variant.instance_type ?? '—'}
        {' · '}
        {current === desired
          ? trans.__('%1 running', current ?? '—')
          : trans.__('%1 of %2 running', current ?? 0, desired ?? '?')}
      </span>
    </>
  );
}

function Share(props: {
  variant: Variant;
  share: number;
  held: boolean;
  only: boolean;
  mayHold: boolean;
  disabled: boolean;
  onChange: (share: number) => void;
  onHold: (held: boolean) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { variant, share } = props;
  const disabled = props.disabled || props.only || props.held;
  return (
    <div className="smstudio-Share">
      <input
        type="range"
        min={0}
        max={100}
        step={1}
        value={share}
        disabled={disabled}
        aria-label={trans.__('Traffic of %1', variant.name)}
        aria-valuetext={trans.__('%1 percent', share)}
        onChange={event => props.onChange(Number(event.target.value))}
      />
      <input
        type="number"
        className="jp-mod-styled smstudio-mod-number"
        min={0}
        max={100}
        step={1}
        value={share}
        disabled={disabled}
        aria-label={trans.__('Percent of the traffic of %1', variant.name)}
        onChange={event => props.onChange(Number(event.target.value))}
      />
      <span aria-hidden="true">%</span>
      {props.mayHold && (
        <label
          className="smstudio-Share-hold"
          title={trans.__('The share stays while others are moved')}
        >
          <input
            type="checkbox"
            checked={props.held}
            disabled={props.disabled}
            aria-label={trans.__('Hold the share of %1', variant.name)}
            onChange={event => props.onHold(event.target.checked)}
          />
          {trans.__('Hold')}
        </label>
      )}
      <span className="smstudio-Field-help">
        {trans.__('Weight %1', weight(variant))}
      </span>
    </div>
  );
}

function Shadows(props: { variants: Variant[] }): JSX.Element {
  const { trans } = usePage();
  return (
    <>
      <h2>{trans.__('Shadow variants')}</h2>
      <p className="smstudio-mod-dim">
        {trans.__(
          'They get copies of requests; nobody waits for their answers.'
        )}
      </p>
      <div className="smstudio-Scroll">
        <table
          className="smstudio-Table smstudio-Variants"
          aria-label={trans.__('Shadow variants')}
        >
          <thead>
            <tr>
              <th scope="col">{trans.__('Variant')}</th>
              <th scope="col">{trans.__('Weight')}</th>
              <th scope="col">{trans.__('Instances')}</th>
              <th scope="col">{trans.__('Model')}</th>
            </tr>
          </thead>
          <tbody>
            {props.variants.map(variant => (
              <tr key={variant.name}>
                <NameCell variant={variant} />
                <td>{weight(variant)}</td>
                <td>
                  {variant.current_instances ?? '—'}{' '}
                  <span className="smstudio-mod-dim">
                    {variant.instance_type}
                  </span>
                </td>
                <ModelCell variant={variant} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** What the endpoint has and wants; weights only as often as they differ. */
function weight(variant: Variant): string {
  const { current_weight: current, desired_weight: desired } = variant;
  const text = (value: number | null): string =>
    value === null ? '—' : String(Math.round(value * 1000) / 1000);
  return current === null || desired === null || current === desired
    ? text(current ?? desired)
    : `${text(current)} → ${text(desired)}`;
}

function editOf(variants: Variant[]): IEdit {
  return {
    shares: percents(
      variants.map(each => each.desired_weight ?? each.current_weight ?? 0)
    ),
    instances: variants.map(each => String(each.desired_instances ?? '')),
    held: variants.map(() => false)
  };
}

function replaced<T>(values: readonly T[], index: number, value: T): T[] {
  return values.map((before, at) => (at === index ? value : before));
}
