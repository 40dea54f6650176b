import type { FormEvent, JSX } from 'react';
import { useMemo } from 'react';

import type { NotebookOptions } from '../../api/generated';
import { CommandIDs } from '../../commands';
import { usePage } from '../../shared/context';
import { useDraft } from '../../shared/draft';
import { CostNote } from '../../shared/cost';
import { openEnded } from '../../shared/costtext';
import { ErrorBox } from '../../shared/states';
import { useSubmit } from '../../shared/submit';
import { Tags } from '../../shared/tags';
import { errorsOf, stampedName } from '../../shared/training/form';
import { FormPage } from '../../shared/training/page';
import {
  NetworkFields,
  PermissionFields,
  RepositoryFields,
  SettingsFields
} from './fields';
import type { INotebookForm } from './form';
import { emptyForm, fromInstance, toRequest } from './form';

interface ICreateProps {
  page: string;
  /** The instance whose settings are changed; none makes a new one. */
  edit: string | null;
  onDone: () => void;
}

/** The pages "Create notebook instance" and "Edit notebook instance". */
export default function CreateNotebookPage(props: ICreateProps): JSX.Element {
  const { studio, trans } = usePage();
  const { edit } = props;
  const title = edit
    ? trans.__('Edit notebook instance %1', edit)
    : trans.__('Create notebook instance');
  return (
    <FormPage<NotebookOptions, INotebookForm>
      title={title}
      options={source => source.api.call('getNotebookOptions')}
      load={async options =>
        edit
          ? fromInstance(
              await studio.api.call('describeNotebookInstance', { name: edit })
            )
          : emptyForm(stampedName('notebook', new Date()), options)
      }
    >
      {(options, start) => (
        <NotebookForm
          {...props}
          title={title}
          options={options}
          start={start}
        />
      )}
    </FormPage>
  );
}

function NotebookForm(
  props: ICreateProps & {
    title: string;
    options: NotebookOptions;
    start: INotebookForm;
  }
): JSX.Element {
  const { studio, trans } = usePage();
  const { edit, options } = props;
  const [form, setForm, forget] = useDraft<INotebookForm>(
    `notebook-instance:${props.page}`,
    () => props.start
  );
  const { root, failure, sending, clear, send } = useSubmit({
    opens: CommandIDs.openNotebookInstance,
    forget,
    onDone: props.onDone
  });
  const errors = useMemo(() => errorsOf(failure?.fields ?? []), [failure]);
  const error = (field: string): string | null => {
    const text = errors[field];
    return text === 'is required'
      ? trans.__('This field is required.')
      : (text ?? null);
  };
  const set = (change: Partial<INotebookForm>): void => {
    setForm(before => ({ ...before, ...change }));
    clear();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const body = toRequest(form);
    send(() =>
      edit
        ? studio.api.call('updateNotebookInstance', { name: edit, body })
        : studio.api.call('createNotebookInstance', { body })
    );
  };
  const part = { form, options, set, error, editing: edit !== null };
  return (
    <form
      ref={root}
      className="smstudio-Form"
      noValidate
      aria-label={props.title}
      onSubmit={submit}
    >
      <p className="smstudio-Header-text">
        {options.local
          ? trans.__(
              'A Jupyter server of its own on this machine, with a folder SageMaker that is kept, limited to what the instance type has.'
            )
          : trans.__('A notebook instance in your AWS account.')}
      </p>
      <SettingsFields {...part} />
      <PermissionFields {...part} />
      <NetworkFields {...part} />
      <RepositoryFields {...part} />
      <details className="smstudio-Fold">
        <summary>{trans.__('Tags – Optional')}</summary>
        <Tags
          tags={form.tags}
          onChange={tags => set({ tags })}
          error={error('tags')}
        />
      </details>
      <CostNote
        items={openEnded('NotebookInstance', [
          { instanceType: form.instance_type, instances: 1 }
        ])}
      />
      {failure && <ErrorBox error={failure} />}
      <div className="smstudio-Form-footer">
        <span />
        <span className="smstudio-Header-buttons">
          <button
            type="submit"
            className="jp-mod-styled jp-mod-accept"
            disabled={sending}
          >
            {edit
              ? sending
                ? trans.__('Updating…')
                : trans.__('Update notebook instance')
              : sending
                ? trans.__('Creating…')
                : trans.__('Create notebook instance')}
          </button>
        </span>
      </div>
    </form>
  );
}
