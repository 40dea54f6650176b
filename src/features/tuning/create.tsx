import type { JSX } from 'react';
import { useMemo } from 'react';

import type { TrainingOptions } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import { takeDraft } from '../../shared/draft';
import { TextField } from '../../shared/fields';
import type { IPickers } from '../../shared/pickers';
import { ChannelFields } from '../../shared/training/channels';
import { useCheckedForm } from '../../shared/training/checkedform';
import type { ITrainingForm } from '../../shared/training/form';
import { fieldsOf, ownErrors, stampedName } from '../../shared/training/form';
import { HyperparameterFields } from '../../shared/training/hyperparameters';
import { FormFrame, FormPage } from '../../shared/training/page';
import { ResourceFields } from '../../shared/training/resources';
import { SourceFields } from '../../shared/training/source';
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

/** How the server names the fields of the training jobs. */
const TRAINING = 'training.';

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
  const { trans } = usePage();
  const { options, pickers } = props;
  const { form, set, change, error, frame } = useCheckedForm({
    draft: `tuning:${props.page}`,
    start: props.start,
    toRequest: toTuningRequest,
    plan: (source, body, signal) =>
      source.api.call('planTuningJob', { body, signal }),
    ownErrors: (typed, ...texts) => ({
      ...numberErrors(typed, trans.__('Enter a number.')),
      ...Object.fromEntries(
        Object.entries(ownErrors(typed.training, ...texts)).map(
          ([field, text]) => [TRAINING + field, text]
        )
      )
    }),
    create: (source, body) => source.api.call('createTuningJob', { body }),
    opens: CommandIDs.openTuningJob,
    onCreated: props.onCreated,
    fieldOf: name => name.replace(/^training\./, '')
  });
  const setTraining = (members: Partial<ITrainingForm>): void =>
    change(
      before => {
        const training = { ...before.training, ...members };
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
      },
      fieldsOf(members).map(field => TRAINING + field)
    );
  const tuned = useMemo(
    () => new Set(form.ranges.map(each => each.name)),
    [form.ranges]
  );
  const part = {
    form: form.training,
    options,
    set: setTraining,
    error: (field: string) => error(TRAINING + field)
  };
  return (
    <FormFrame
      {...frame}
      label={props.title}
      action={trans.__('Create tuning job')}
    >
      <h2>{trans.__('Job settings')}</h2>
      <TextField
        name="name"
        label={trans.__('Tuning job name')}
        required
        focus
        value={form.name}
        error={error('name')}
        help={trans.__(
          'At most %1 letters, digits and hyphens (-).',
          options.limits.tuning_job_name.max_length ?? 32
        )}
        onChange={name => set({ name })}
      />
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
