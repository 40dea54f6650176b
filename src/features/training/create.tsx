import type { JSX } from 'react';

import type { TrainingOptions } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import { leaveDraft } from '../../shared/draft';
import { TextField } from '../../shared/fields';
import type { IPickers } from '../../shared/pickers';
import { ChannelFields } from '../../shared/training/channels';
import { useCheckedForm } from '../../shared/training/checkedform';
import type { ITrainingForm } from '../../shared/training/form';
import {
  emptyForm,
  fromRequest,
  ownErrors,
  stampedName,
  toRequest
} from '../../shared/training/form';
import { HyperparameterFields } from '../../shared/training/hyperparameters';
import { FormFrame, FormPage } from '../../shared/training/page';
import { ResourceFields } from '../../shared/training/resources';
import { SourceFields } from '../../shared/training/source';

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
  const { form, set, error, frame } = useCheckedForm({
    draft: `training:${props.page}`,
    start: props.start,
    toRequest,
    plan: (source, body, signal) =>
      source.api.call('planTrainingJob', { body, signal }),
    ownErrors,
    create: (source, body) => source.api.call('createTrainingJob', { body }),
    opens: CommandIDs.openTrainingJob,
    onCreated: props.onCreated
  });
  const part = { form, options, set, error };
  return (
    <FormFrame
      {...frame}
      label={props.title}
      action={trans.__('Create training job')}
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
      <TextField
        name="name"
        label={trans.__('Job name')}
        required
        focus
        value={form.name}
        error={error('name')}
        help={trans.__(
          'At most %1 letters, digits and hyphens (-).',
          options.limits.name.max_length ?? 63
        )}
        onChange={name => set({ name })}
      />
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
