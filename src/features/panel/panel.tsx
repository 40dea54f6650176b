import { LabIcon, notebookIcon, refreshIcon } from '@jupyterlab/ui-components';
import type { JSX, ReactNode } from 'react';
import { useEffect, useId, useState } from 'react';

import { ApiFailure } from '../../api/client';
import { CommandIDs } from '../../commands';
import { usePage, useStatus } from '../../shared/context';
import {
  autopilotIcon,
  domainIcon,
  endpointIcon,
  experimentsIcon,
  modelIcon,
  trainingIcon,
  transformIcon,
  tuningIcon
} from '../../shared/icons';
import { EmptyState, ErrorBox } from '../../shared/states';
import { ExperimentBrowser } from './browser';
import {
  DomainList,
  EndpointList,
  ExperimentList,
  ModelList,
  NotebookInstanceList,
  TrainingJobList,
  TransformJobList,
  TuningJobList
} from './lists';
import { TargetBar } from './target';

/** The sidebar "SageMaker". */
export default function Panel(): JSX.Element {
  const { studio, trans, visible } = usePage();
  const status = useStatus();
  const [error, setError] = useState<ApiFailure | null>(null);
  const [attempt, setAttempt] = useState(0);
  const target = status?.target.title;
  useEffect(() => {
    if (!visible) {
      return;
    }
    studio
      .ready()
      .then(() => setError(null))
      .catch(reason => setError(ApiFailure.from(reason)));
  }, [studio, visible, target, attempt]);
  const retry = (): void => {
    setError(null);
    setAttempt(attempt + 1);
  };
  const engine = status?.target.kind === 'local' ? status.engine : null;
  const away = engine?.state === 'stopped' || engine?.state === 'failed';
  return (
    <div className="smstudio-Panel">
      <div className="smstudio-Panel-header">
        <h2>{trans.__('SageMaker')}</h2>
        <button
          className="smstudio-IconButton"
          title={trans.__('Refresh')}
          aria-label={trans.__('Refresh')}
          onClick={() => studio.refresh()}
        >
          <refreshIcon.react tag="span" width="16px" />
        </button>
      </div>
      {status && <TargetBar />}
      {error && !status && <ErrorBox error={error} onRetry={retry} />}
      {engine?.state === 'starting' && (
        <div className="smstudio-Progress" role="status">
          <span>{trans.__('Starting the local engine…')}</span>
          <progress aria-label={trans.__('Starting the local engine…')} />
        </div>
      )}
      {away && (
        <EmptyState
          title={
            engine.state === 'failed'
              ? trans.__('The local engine could not start.')
              : trans.__('The local engine is stopped.')
          }
        >
          {engine.message && <p>{engine.message}</p>}
          <button
            className="jp-mod-styled jp-mod-accept"
            onClick={() => {
              studio
                .startEngine()
                .then(retry)
                .catch(reason => setError(ApiFailure.from(reason)));
            }}
          >
            {trans.__('Start the engine')}
          </button>
        </EmptyState>
      )}
      {!away && !(error && !status) && <Sections />}
    </div>
  );
}

function Sections(): JSX.Element {
  const { trans, commands } = usePage();
  return (
    <div className="smstudio-Sections">
      <Section
        title={trans.__('Experiments')}
        icon={experimentsIcon}
        open
        large
        action={
          <button
            className="jp-mod-styled jp-mod-accept smstudio-Create"
            data-autofocus
            onClick={() => void commands.execute(CommandIDs.createExperiment)}
          >
            {trans.__('Create Experiment')}
          </button>
        }
        list={search => <ExperimentBrowser search={search} />}
      />
      <Section
        title={trans.__('AutoML jobs')}
        icon={autopilotIcon}
        open
        list={search => <ExperimentList search={search} />}
      />
      <Section
        title={trans.__('Endpoints')}
        icon={endpointIcon}
        open
        list={search => <EndpointList search={search} />}
      />
      <Section
        title={trans.__('Training jobs')}
        icon={trainingIcon}
        action={
          <Actions
            create={CommandIDs.createTrainingJob}
            label={trans.__('Create')}
            title={trans.__('Create training job')}
            all={CommandIDs.listTrainingJobs}
          />
        }
        list={search => <TrainingJobList search={search} />}
      />
      <Section
        title={trans.__('Tuning jobs')}
        icon={tuningIcon}
        action={
          <Actions
            create={CommandIDs.createTuningJob}
            label={trans.__('Create')}
            title={trans.__('Create tuning job')}
            all={CommandIDs.listTuningJobs}
          />
        }
        list={search => <TuningJobList search={search} />}
      />
      <Section
        title={trans.__('Batch transform jobs')}
        icon={transformIcon}
        action={
          <Actions
            create={CommandIDs.createTransformJob}
            label={trans.__('Create')}
            title={trans.__('Create batch transform job')}
            all={CommandIDs.listTransformJobs}
          />
        }
        list={search => <TransformJobList search={search} />}
      />
      <Section
        title={trans.__('Models')}
        icon={modelIcon}
        action={<All all={CommandIDs.listModels} />}
        list={search => <ModelList search={search} />}
      />
      <Section
        title={trans.__('Notebook instances')}
        icon={notebookIcon}
        action={
          <Actions
            create={CommandIDs.createNotebookInstance}
            label={trans.__('Create')}
            title={trans.__('Create notebook instance')}
            all={CommandIDs.listNotebookInstances}
          />
        }
        list={search => <NotebookInstanceList search={search} />}
      />
      <Section
        title={trans.__('Domain')}
        icon={domainIcon}
        action={<All all={CommandIDs.openDomain} />}
        list={search => <DomainList search={search} />}
      />
    </div>
  );
}

/** Buttons of a section: the form that makes one, and the page that lists all. */
function Actions(props: {
  create: string;
  label: string;
  title: string;
  all: string;
}): JSX.Element {
  const { commands } = usePage();
  return (
    <>
      <button
        className="jp-mod-styled jp-mod-accept smstudio-Create"
        title={props.title}
        aria-label={props.title}
        onClick={() => void commands.execute(props.create)}
      >
        {props.label}
      </button>
      <All all={props.all} />
    </>
  );
}

function All(props: { all: string }): JSX.Element {
  const { trans, commands } = usePage();
  return (
    <button
      className="jp-mod-styled jp-mod-reject smstudio-Create"
      title={trans.__('Open the whole list with its filters')}
      onClick={() => void commands.execute(props.all)}
    >
      {trans.__('All…')}
    </button>
  );
}

function Section(props: {
  title: string;
  icon: LabIcon;
  open?: boolean;
  /** Takes more of the panel than others. */
  large?: boolean;
  action?: ReactNode;
  list: (search: string) => ReactNode;
}): JSX.Element {
  const { trans } = usePage();
  const id = useId();
  const [open, setOpen] = useState(props.open ?? false);
  const [typed, setTyped] = useState('');
  const [search, setSearch] = useState('');
  useEffect(() => {
    // Ask when the typing pauses, not at every letter.
    const timer = window.setTimeout(() => setSearch(typed.trim()), 250);
    return () => window.clearTimeout(timer);
  }, [typed]);
  return (
    <section
      className={[
        'smstudio-Section',
        open ? 'smstudio-mod-open' : '',
        props.large ? 'smstudio-mod-large' : ''
      ].join(' ')}
      aria-labelledby={id}
    >
      <h3 id={id}>
        <button
          className="smstudio-Section-title"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <span className="smstudio-Section-caret" aria-hidden="true">
            {open ? '▾' : '▸'}
          </span>
          <props.icon.react tag="span" width="16px" />
          {props.title}
        </button>
      </h3>
      {open && (
        <div className="smstudio-Section-body">
          <div className="smstudio-Section-tools">
            {props.action}
            <input
              type="search"
              className="jp-mod-styled smstudio-Search"
              value={typed}
              placeholder={trans.__('Search by name')}
              aria-label={trans.__('Search %1 by name', props.title)}
              onChange={event => setTyped(event.target.value)}
            />
          </div>
          {props.list(search)}
        </div>
      )}
    </section>
  );
}
