import type { JSX } from 'react';
import { useMemo, useRef, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { TrainingOptions } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import { leaveDraft, useDraft } from '../../shared/draft';
import { Field, focusFirstError } from '../../shared/form';
import type { IPickers } from '../../shared/pickers';
import { ChannelFields } from '../../shared/training/channels';
import type { Errors, ITrainingForm } from '../../shared/training/form';
import {
  emptyForm,
  errorsOf,
  fieldsOf,
  fromRequest,
  ownErrors,
  stampedName,
  toRequest,
  wasTouched
} from '../../shared/training/form';
import { HyperparameterFields } from '../../shared/training/hyperparameters';
import { FormFrame, FormPage } from '../../shared/training/page';
import { ResourceFields } from '../../shared/training/resources';
import { SourceFields } from '../../shared/training/source';
import { usePlan } from '../../shared/training/useplan';

/** The page "Create training job"; `clone` names the job whose settings it begins with. */
export default function CreateTrainingPage(props: {
  page: string;
  clone: string | null;
  pickers: IPickers | null;
  onCreated: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { clone } = props;
  const title = clone
    ? trans.__('Create training job like %1', clone)
    : trans.__('Create training job');
  return (
    <FormPage<TrainingOptions, ITrainingForm>
      title={title}
      options={source => source.api.call('getTrainingOptions')}
      load={async options =>
        clone
          ? fromRequest(
              await studio.api.call('cloneTrainingJob', { name: clone }),
              options
            )
          : { ...emptyForm(options), name: stampedName('training', new Date()) }
      }
    >
      {(options, start) => (
        <CreateForm {...props} options={options} start={start} title={title} />
      )}
    </FormPage>
  );
}

function CreateForm(props: {
  page: string;
  title: string;
  options: TrainingOptions;
  start: ITrainingForm;
  pickers: IPickers | null;
  onCreated: () => void;
}): JSX.Element {
  const { studio, trans, commands } = usePage();
  const { options, pickers } = props;
  const root = useRef<HTMLFormElement>(null);
  const [form, setForm, forget] = useDraft<ITrainingForm>(
    `training:${props.page}`,
    () => props.start
  );
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [sending, setSending] = useState(false);
  const request = useMemo(() => toRequest(form), [form]);
  const planned = usePlan(request, (source, body, signal) =>
    source.api.call('planTrainingJob', { body, signal })
  );
  const errors = useMemo<Errors>(
    () => ({
      ...errorsOf(planned.plan?.problems ?? []),
      ...errorsOf(failure?.fields ?? []),
      ...ownErrors(
        form,
        trans.__('Enter a whole number.'),
        trans.__('This is no JSON object.'),
        trans.__('Each name may be used once.')
      )
    }),
    [planned.plan, failure, form, trans]
  );
  const error = (field: string): string | null => {
    const text = errors[field];
    return text && (asked || wasTouched(field, touched))
      ? text === 'is required'
        ? trans.__('This field is required.')
        : text
      : null;
  };
  const set = (change: Partial<ITrainingForm>): void => {
    setForm(before => ({ ...before, ...change }));
    setTouched(before => new Set([...before, ...fieldsOf(change)]));
    setFailure(null);
  };
  const submit = (): void => {
    setAsked(true);
    const names = Object.keys(errors);
    if (names.length && planned.current) {
      // The errors are drawn first, then the focus may move to one.
      window.setTimeout(() => focusFirstError(root.current, names));
      return;
    }
    setSending(true);
    setFailure(null);
    studio.api
      .call('createTrainingJob', { body: request })
      .then(async job => {
        forget();
        studio.refresh();
        await commands.execute(CommandIDs.openTrainingJob, { name: job.name });
        props.onCreated();
      })
      .catch(reason => {
        const problem = ApiFailure.from(reason);
        setFailure(problem);
        window.setTimeout(() =>
          focusFirstError(
            root.current,
            problem.fields.map(each => each.field)
          )
        );
      })
      .finally(() => setSending(false));
  };
  const part = { form, options, set, error };
  return (
    <FormFrame
      root={root}
      label={props.title}
      planned={planned}
      errors={asked ? errors : {}}
      failure={failure}
      sending={sending}
      action={trans.__('Create training job')}
      busyText={trans.__('Creating…')}
      onSubmit={submit}
      more={
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject"
          title={trans.__('Search the best hyperparameters for this job')}
          onClick={() => {
            leaveDraft(studio.api.serverSettings.baseUrl, 'tuning-start', form);
            void commands.execute(CommandIDs.createTuningJob, {
              name: 'from-form'
            });
          }}
        >
          {trans.__('Tune')}
        </button>
      }
    >
      <h2>{trans.__('Job settings')}</h2>
      <Field
        name="name"
        label={trans.__('Job name')}
        required
        error={error('name')}
        help={trans.__(
          'At most %1 letters, digits and hyphens (-).',
          options.limits.name.max_length ?? 63
        )}
      >
        {control => (
          <input
            {...control}
            type="text"
            className="jp-mod-styled"
            data-autofocus
            value={form.name}
            spellCheck={false}
            onChange={event => set({ name: event.target.value })}
          />
        )}
      </Field>
      <SourceFields {...part} pickers={pickers} />
      <h2>{trans.__('Hyperparameters')}</h2>
      <HyperparameterFields {...part} />
      <h2>{trans.__('Input data')}</h2>
      <ChannelFields {...part} pickers={pickers} />
      <h2>{trans.__('Resources and output')}</h2>
      <ResourceFields {...part} />
    </FormFrame>
  );
}
