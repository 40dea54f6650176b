import type { JSX } from 'react';
import { useMemo, useRef, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { TransformOptions } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import { useDraft } from '../../shared/draft';
import { focusFirstError } from '../../shared/form';
import type { IPickers } from '../../shared/pickers';
import type { Errors } from '../../shared/training/form';
import { errorsOf, stampedName, wasTouched } from '../../shared/training/form';
import { FormFrame, FormPage } from '../../shared/training/page';
import { usePlan } from '../../shared/training/useplan';
import { FilterFields, InputFields, MoreFields, OutputFields } from './fields';
import type { ITransformForm } from './form';
import { emptyForm, fromRequest, ownErrors, toRequest } from './form';

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
          : emptyForm(
              stampedName('transform', new Date()),
              model ?? options.models[0] ?? ''
            )
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
  const { studio, trans, commands } = usePage();
  const { options, pickers } = props;
  const root = useRef<HTMLFormElement>(null);
  const [form, setForm, forget] = useDraft<ITransformForm>(
    `transform:${props.page}`,
    () => props.start
  );
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [sending, setSending] = useState(false);
  const request = useMemo(() => toRequest(form), [form]);
  const planned = usePlan(request, (source, body, signal) =>
    source.api.call('planTransformJob', { body, signal })
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
  const set = (change: Partial<ITransformForm>): void => {
    setForm(before => ({ ...before, ...change }));
    setTouched(before => new Set([...before, ...Object.keys(change)]));
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
      .call('createTransformJob', { body: request })
      .then(async job => {
        forget();
        studio.refresh();
        await commands.execute(CommandIDs.openTransformJob, {
          name: job.name
        });
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
      action={trans.__('Create batch transform job')}
      busyText={trans.__('Creating…')}
      onSubmit={submit}
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
