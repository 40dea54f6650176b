import type { JSX } from 'react';
import { useMemo, useRef, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { TrainingOptions } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import { takeDraft, useDraft } from '../../shared/draft';
import { Field, focusFirstError } from '../../shared/form';
import type { IPickers } from '../../shared/pickers';
import { ChannelFields } from '../../shared/training/channels';
import type { Errors, ITrainingForm } from '../../shared/training/form';
import {
  errorsOf,
  fieldsOf,
  ownErrors,
  stampedName,
  wasTouched
} from '../../shared/training/form';
import { HyperparameterFields } from '../../shared/training/hyperparameters';
import { FormFrame, FormPage } from '../../shared/training/page';
import { ResourceFields } from '../../shared/training/resources';
import { SourceFields } from '../../shared/training/source';
import { usePlan } from '../../shared/training/useplan';
import type { ITuningForm } from './form';
import {
  emptyTuningForm,
  fromTuningRequest,
  metricsOf,
  numberErrors,
  startOf,
  toTuningRequest
} from './form';
import { RangeFields } from './ranges';
import { SearchFields } from './search';

/** The page "Create tuning job": empty, from the training form, like a tuning job, or around a training job. */
export default function CreateTuningPage(props: {
  page: string;
  clone: string | null;
  training: string | null;
  pickers: IPickers | null;
  onCreated: () => void;
}): JSX.Element {
  const { studio, trans } = usePage();
  const { clone, training } = props;
  const title = clone
    ? trans.__('Create tuning job like %1', clone)
    : training
      ? trans.__('Create tuning job around %1', training)
      : trans.__('Create tuning job');
  const load = async (options: TrainingOptions): Promise<ITuningForm> => {
    if (clone) {
      const form = await studio.api.call('cloneTuningJob', { name: clone });
      return fromTuningRequest(form, options);
    }
    if (training) {
      const form = await studio.api.call('tuneTrainingJob', { name: training });
      return fromTuningRequest(form, options);
    }
    const name = stampedName('tuning', new Date());
    const left = takeDraft<ITrainingForm>(
      studio.api.serverSettings.baseUrl,
      'tuning-start'
    );
    return left ? startOf(left, options, name) : emptyTuningForm(options, name);
  };
  return (
    <FormPage<TrainingOptions, ITuningForm>
      title={title}
      options={source => source.api.call('getTrainingOptions')}
      load={load}
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
  start: ITuningForm;
  pickers: IPickers | null;
  onCreated: () => void;
}): JSX.Element {
  const { studio, trans, commands } = usePage();
  const { options, pickers } = props;
  const root = useRef<HTMLFormElement>(null);
  const [form, setForm, forget] = useDraft<ITuningForm>(
    `tuning:${props.page}`,
    () => props.start
  );
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [sending, setSending] = useState(false);
  const request = useMemo(() => toTuningRequest(form), [form]);
  const planned = usePlan(request, (source, body, signal) =>
    source.api.call('planTuningJob', { body, signal })
  );
  const errors = useMemo<Errors>(() => {
    const notNumber = trans.__('Enter a whole number.');
    const own = ownErrors(
      form.training,
      notNumber,
      trans.__('This is no JSON object.'),
      trans.__('Each name may be used once.')
    );
    return {
      ...errorsOf(planned.plan?.problems ?? []),
      ...errorsOf(failure?.fields ?? []),
      ...numberErrors(form, trans.__('Enter a number.')),
      ...Object.fromEntries(
        Object.entries(own).map(([field, text]) => [`training.${field}`, text])
      )
    };
  }, [planned.plan, failure, form, trans]);
  const error = (field: string): string | null => {
    const text = errors[field];
    return text && (asked || wasTouched(field, touched))
      ? text === 'is required'
        ? trans.__('This field is required.')
        : text
      : null;
  };
  const touch = (fields: string[]): void => {
    setTouched(before => new Set([...before, ...fields]));
    setFailure(null);
  };
  const set = (change: Partial<ITuningForm>): void => {
    setForm(before => ({ ...before, ...change }));
    touch(Object.keys(change));
  };
  const setTraining = (change: Partial<ITrainingForm>): void => {
    setForm(before => {
      const training = { ...before.training, ...change };
      if (
        training.algorithm === before.training.algorithm &&
        training.source === before.training.source
      ) {
        return { ...before, training };
      }
      // Another algorithm has other hyperparameters to search and other metrics.
      const start = startOf(training, options, before.name);
      return {
        ...before,
        training,
        ranges: start.ranges,
        objective: start.objective,
        direction: start.direction
      };
    });
    touch(fieldsOf(change).map(field => `training.${field}`));
  };
  const submit = (): void => {
    setAsked(true);
    const names = Object.keys(errors);
    const fields = names.map(each => each.replace(/^training\./, ''));
    if (names.length && planned.current) {
      // The errors are drawn first, then the focus may move to one.
      window.setTimeout(() => focusFirstError(root.current, fields));
      return;
    }
    setSending(true);
    setFailure(null);
    studio.api
      .call('createTuningJob', { body: request })
      .then(async job => {
        forget();
        studio.refresh();
        await commands.execute(CommandIDs.openTuningJob, { name: job.name });
        props.onCreated();
      })
      .catch(reason => setFailure(ApiFailure.from(reason)))
      .finally(() => setSending(false));
  };
  const tuned = useMemo(
    () => new Set(form.ranges.map(each => each.name)),
    [form.ranges]
  );
  const part = {
    form: form.training,
    options,
    set: setTraining,
    error: (field: string) => error(`training.${field}`)
  };
  return (
    <FormFrame
      root={root}
      label={props.title}
      planned={planned}
      errors={asked ? errors : {}}
      failure={failure}
      sending={sending}
      action={trans.__('Create tuning job')}
      busyText={trans.__('Creating…')}
      onSubmit={submit}
    >
      <h2>{trans.__('Job settings')}</h2>
      <Field
        name="name"
        label={trans.__('Tuning job name')}
        required
        error={error('name')}
        help={trans.__(
          'At most %1 letters, digits and hyphens (-).',
          options.limits.tuning_job_name.max_length ?? 32
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
      <h2>{trans.__('Search')}</h2>
      <SearchFields
        form={form}
        metrics={metricsOf(form.training, options)}
        set={set}
        error={error}
      />
      <h3>{trans.__('Hyperparameters to search')}</h3>
      <RangeFields
        form={form}
        options={options}
        error={error}
        onChange={ranges => set({ ranges })}
      />
      <details className="smstudio-Fold">
        <summary>{trans.__('Hyperparameters that stay')}</summary>
        <HyperparameterFields {...part} tuned={tuned} />
      </details>
      <h2>{trans.__('Input data')}</h2>
      <ChannelFields {...part} pickers={pickers} />
      <h2>{trans.__('Resources and output of each trial')}</h2>
      <ResourceFields {...part} />
    </FormFrame>
  );
}
