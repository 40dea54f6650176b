import type { JSX } from 'react';

import type { TransformOptions } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import type { IPickers } from '../../shared/pickers';
import { useCheckedForm } from '../../shared/training/checkedform';
import { stampedName } from '../../shared/training/form';
import { FormFrame, FormPage } from '../../shared/training/page';
import { FilterFields, InputFields, MoreFields, OutputFields } from './fields';
import type { ITransformForm } from './form';
import { emptyForm, fromRequest, inputOf, ownErrors, toRequest } from './form';

interface ICreateProps {
  page: string;
  /** The job whose settings it begins with. */
  clone: string | null;
  /** The model that it begins with. */
  model: string | null;
  pickers: IPickers | null;
  onCreated: () => void;
}

/** The page "Create batch transform job". */
export default function CreateTransformPage(props: ICreateProps): JSX.Element {
  const { studio, trans } = usePage();
  const { clone, model } = props;
  const title = clone
    ? trans.__('Create batch transform job like %1', clone)
    : trans.__('Create batch transform job');
  return (
    <FormPage<TransformOptions, ITransformForm>
      title={title}
      options={source => source.api.call('getTransformOptions')}
      load={async options =>
        clone
          ? fromRequest(
              await studio.api.call('cloneTransformJob', { name: clone })
            )
          : {
              ...emptyForm(
                stampedName('transform', new Date()),
                model ?? options.models[0] ?? ''
              ),
              // Nothing is lost when the model cannot be looked at: the form can be changed.
              ...(model
                ? await studio.api
                    .call('describeModel', { name: model })
                    .then(inputOf, () => ({}))
                : {})
            }
      }
    >
      {(options, start) => (
        <CreateForm {...props} options={options} start={start} title={title} />
      )}
    </FormPage>
  );
}

function CreateForm(
  props: ICreateProps & {
    title: string;
    options: TransformOptions;
    start: ITransformForm;
  }
): JSX.Element {
  const { trans } = usePage();
  const { options, pickers } = props;
  const { form, set, error, frame } = useCheckedForm({
    draft: `transform:${props.page}`,
    start: props.start,
    toRequest,
    plan: (source, body, signal) =>
      source.api.call('planTransformJob', { body, signal }),
    ownErrors,
    create: (source, body) => source.api.call('createTransformJob', { body }),
    opens: CommandIDs.openTransformJob,
    onCreated: props.onCreated
  });
  const part = { form, options, set, error };
  return (
    <FormFrame
      {...frame}
      label={props.title}
      action={trans.__('Create batch transform job')}
    >
      <InputFields {...part} pickers={pickers} />
      <h2>{trans.__('Output')}</h2>
      <OutputFields {...part} />
      <h2>{trans.__('Filters and join')}</h2>
      <FilterFields {...part} />
      <h2>{trans.__('Resources')}</h2>
      <MoreFields {...part} />
    </FormFrame>
  );
}
