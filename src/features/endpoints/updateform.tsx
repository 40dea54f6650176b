import type { FormEvent, JSX } from 'react';
import { useId, useRef, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { Endpoint, UpdateOptions } from '../../api/generated';
import { usePage } from '../../shared/context';
import { CostNote } from '../../shared/cost';
import { openEnded } from '../../shared/costtext';
import { Choices, Field, focusFirstError } from '../../shared/form';
import { useQuery } from '../../shared/query';
import { ErrorBox, Skeleton } from '../../shared/states';
import { CaptureFields } from './capturefields';
import { PolicyFields } from './policyfields';
import type { IUpdateForm, IVariantForm, Problem } from './update';
import { addedVariant, bodyOf, emptyForm, problemsOf } from './update';

/** What the fields of the form share. */
export interface IFields {
  form: IUpdateForm;
  change: (part: Partial<IUpdateForm>) => void;
  /** What is wrong with a field of the API. */
  error: (field: string) => string | null;
}

/** The tab "Update": another configuration or other models, and how the traffic gets there. */
export function UpdateTab(props: {
  endpoint: Endpoint;
  /** Data capture is to be changed: the form opens with it. */
  capture: boolean;
  refresh: () => void;
}): JSX.Element {
  const { trans } = usePage();
  const { endpoint } = props;
  const query = useQuery<UpdateOptions>(
    `endpoint-update:${endpoint.name}`,
    (studio, signal) =>
      studio.api.call('getUpdateOptions', { name: endpoint.name, signal }),
    { concerns: () => false, busy: () => false }
  );
  if (!endpoint.can_update) {
    return (
      <div className="smstudio-Profile">
        <p className="smstudio-mod-dim">
          {endpoint.deployment
            ? trans.__('The next update can begin when this one is over.')
            : trans.__('An endpoint can be updated when it is InService.')}
        </p>
      </div>
    );
  }
  if (!query.data) {
    return query.error ? (
      <ErrorBox error={query.error} onRetry={query.refresh} />
    ) : (
      <Skeleton rows={8} />
    );
  }
  return (
    // Another configuration: the form begins anew.
    <UpdateForm key={endpoint.config_name} {...props} options={query.data} />
  );
}

function UpdateForm(props: {
  endpoint: Endpoint;
  capture: boolean;
  options: UpdateOptions;
  refresh: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { endpoint, options } = props;
  const root = useRef<HTMLFormElement>(null);
  const [form, setForm] = useState<IUpdateForm>(() => ({
    ...emptyForm(endpoint),
    ...(props.capture ? { capture: 'on' } : {})
  }));
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<ApiFailure | null>(null);
  const [sending, setSending] = useState(false);
  const problems = problemsOf(form, endpoint);
  const words: Record<Problem, string> = {
    number: trans.__('must be a whole number'),
    numbers: trans.__('Instances and weights must be numbers.'),
    model: trans.__('Every variant needs a name and a model.'),
    nothing: trans.__('Nothing is changed yet.'),
    required: trans.__('is required'),
    range: trans.__('is out of the range that AWS allows')
  };
  const fields: IFields = {
    form,
    change: part => {
      setError(null);
      setForm(before => ({ ...before, ...part }));
    },
    error: field =>
      error?.fields.find(each => each.field === field)?.message ??
      (tried && problems[field] ? words[problems[field]] : null)
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    const wrong = Object.keys(problems);
    if (wrong.length) {
      focusFirstError(root.current, wrong);
      return;
    }
    setSending(true);
    setError(null);
    studio.api
      .call('updateEndpoint', {
        name: endpoint.name,
        body: bodyOf(form, endpoint)
      })
      .then(() => props.refresh())
      .catch(reason => {
        const failure = ApiFailure.from(reason);
        setError(failure);
        focusFirstError(
          root.current,
          failure.fields.map(each => each.field)
        );
      })
      .finally(() => setSending(false));
  };
  return (
    <form
      ref={root}
      className="smstudio-Form smstudio-UpdateForm"
      aria-label={trans.__('Update endpoint')}
      onSubmit={submit}
      noValidate
    >
      <Choices
        name="source"
        legend={trans.__('Move the endpoint to')}
        value={form.source}
        choices={[
          {
            value: 'change',
            label: trans.__('the present configuration with changes'),
            help: trans.__(
              'A new endpoint configuration is made; the present one stays as it is.'
            )
          },
          {
            value: 'config',
            label: trans.__('an endpoint configuration that is there')
          }
        ]}
        onChange={source => fields.change({ source })}
      />
      {form.source === 'change' ? (
        <>
          <VariantFields {...fields} options={options} />
          <CaptureFields {...fields} />
        </>
      ) : (
        <ConfigFields
          {...fields}
          configs={options.configs}
          present={endpoint.config_name}
        />
      )}
      <PolicyFields {...fields} alarms={options.alarms} />
      {form.source === 'change' && (
        <CostNote
          items={openEnded(
            'Endpoint',
            form.variants.filter(variant => !variant.remove)
          )}
        />
      )}
      {error && <ErrorBox error={error} />}
      <div className="smstudio-Buttons smstudio-mod-start">
        <button
          type="submit"
          className="jp-mod-styled jp-mod-accept"
          disabled={sending}
        >
          {sending ? trans.__('Updating…') : trans.__('Update endpoint')}
        </button>
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          disabled={sending}
          onClick={() => {
            setForm(emptyForm(endpoint));
            setTried(false);
            setError(null);
          }}
        >
          {trans.__('Reset')}
        </button>
        <span className="smstudio-mod-dim">
          {trans.__('The endpoint goes on answering while it is updated.')}
        </span>
      </div>
    </form>
  );
}

function ConfigFields(
  props: IFields & { configs: string[]; present: string | null }
): JSX.Element {
  const { trans } = usePage();
  const { form, change, error, present } = props;
  const list = useId();
  return (
    <>
      <Field
        name="config_name"
        label={trans.__('Endpoint configuration')}
        required
        error={error('config_name')}
        help={present && trans.__('The present one is %1.', present)}
      >
        {control => (
          <>
            <input
              {...control}
              type="text"
              className="jp-mod-styled"
              list={list}
              value={form.config}
              spellCheck={false}
              onChange={event => change({ config: event.target.value })}
            />
            <datalist id={list}>
              {props.configs
                .filter(each => each !== present)
                .map(each => (
                  <option key={each} value={each} />
                ))}
            </datalist>
          </>
        )}
      </Field>
      <label className="smstudio-Choice">
        <input
          type="checkbox"
          checked={form.retain}
          onChange={event => change({ retain: event.target.checked })}
        />
        <span>
          {trans.__('Keep the weights and instance counts of now')}
          <span className="smstudio-Field-help">
            {trans.__(
              'Of variants that both configurations have; also data capture.'
            )}
          </span>
        </span>
      </label>
    </>
  );
}

function VariantFields(
  props: IFields & { options: UpdateOptions }
): JSX.Element {
  const { trans } = usePage();
  const { form, change, error } = props;
  const list = useId();
  const edit = (at: number, part: Partial<IVariantForm>): void =>
    change({
      variants: form.variants.map((variant, index) =>
        index === at ? { ...variant, ...part } : variant
      )
    });
  const columns: [keyof IVariantForm & string, string][] = [
    ['model', trans.__('Model')],
    ['instanceType', trans.__('Instance type')],
    ['instances', trans.__('Instances')],
    ['weight', trans.__('Weight')]
  ];
  return (
    <div className="smstudio-Field" data-field="variants">
      <div className="smstudio-Scroll">
        <table
          className="smstudio-Table smstudio-Variants"
          aria-label={trans.__('Variants of the new configuration')}
        >
          <thead>
            <tr>
              <th scope="col">{trans.__('Variant')}</th>
              {columns.map(([name, label]) => (
                <th key={name} scope="col">
                  {label}
                </th>
              ))}
              <th scope="col">{trans.__('Remove')}</th>
            </tr>
          </thead>
          <tbody>
            {form.variants.map((variant, at) => (
              <tr
                key={at}
                className={variant.remove ? 'smstudio-mod-removed' : undefined}
              >
                <th scope="row">
                  {variant.added ? (
                    <input
                      type="text"
                      className="jp-mod-styled"
                      aria-label={trans.__('Name of the new variant')}
                      value={variant.name}
                      spellCheck={false}
                      onChange={event => edit(at, { name: event.target.value })}
                    />
                  ) : (
                    variant.name
                  )}
                </th>
                {columns.map(([name, label]) => (
                  <td key={name}>
                    {!variant.added &&
                    !variant.instanceType &&
                    !variant.instances &&
                    name.startsWith('instance') ? (
                      <span className="smstudio-mod-dim">
                        {trans.__('Serverless')}
                      </span>
                    ) : (
                      <input
                        type={
                          name === 'instances' || name === 'weight'
                            ? 'number'
                            : 'text'
                        }
                        min={0}
                        step="any"
                        className={`jp-mod-styled ${
                          name === 'instances' || name === 'weight'
                            ? 'smstudio-mod-number'
                            : ''
                        }`}
                        aria-label={trans.__('%1 of %2', label, variant.name)}
                        list={name === 'model' ? list : undefined}
                        disabled={variant.remove}
                        aria-invalid={
                          (error('variants') !== null &&
                            !variant.remove &&
                            !String(variant[name]).trim()) ||
                          undefined
                        }
                        value={String(variant[name])}
                        spellCheck={false}
                        onChange={event =>
                          edit(at, { [name]: event.target.value })
                        }
                      />
                    )}
                  </td>
                ))}
                <td>
                  {variant.added ? (
                    <button
                      type="button"
                      className="smstudio-IconButton"
                      title={trans.__('Do not add this variant')}
                      aria-label={trans.__('Do not add %1', variant.name)}
                      onClick={() =>
                        change({
                          variants: form.variants.filter(
                            (_, index) => index !== at
                          )
                        })
                      }
                    >
                      ✕
                    </button>
                  ) : (
                    <input
                      type="checkbox"
                      aria-label={trans.__('Remove %1', variant.name)}
                      checked={variant.remove}
                      onChange={event =>
                        edit(at, { remove: event.target.checked })
                      }
                    />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <datalist id={list}>
        {props.options.models.map(each => (
          <option key={each} value={each} />
        ))}
      </datalist>
      {error('variants') && (
        <div className="smstudio-Field-error" role="alert">
          {error('variants')}
        </div>
      )}
      <button
        type="button"
        className="jp-mod-styled jp-mod-reject"
        onClick={() =>
          change({ variants: [...form.variants, addedVariant(form)] })
        }
      >
        {trans.__('Add a variant')}
      </button>
    </div>
  );
}
