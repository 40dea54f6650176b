import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator } from '@jupyterlab/translation';
import {
  closeIcon,
  linkIcon,
  redoIcon,
  stopIcon
} from '@jupyterlab/ui-components';
import { lazy } from 'react';

import { ApiFailure } from '../../api/client';
import type { DeleteThings } from '../../api/generated';
import { CommandIDs, RowData, TrialScope } from '../../commands';
import { removeFrom } from '../../shared/assigning';
import { confirmed } from '../../shared/confirm';
import { endpointIcon, experimentsIcon } from '../../shared/icons';
import { openOverlay } from '../../shared/overlay';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { NAME_ARGS, Pages, rowUnderMenu } from '../../shared/pages';
import {
  batches,
  chosenUnderMenu,
  namesFrom,
  NAMES_ARGS
} from '../../shared/selection';
import { ISmStudio } from '../../tokens';
import { scopeLabel, scopeOf } from './scope';
import { SavedViews } from './views';

const TrialComponentsPage = lazy(() => import('./page'));
const AssignDialog = lazy(async () => ({
  default: (await import('./assign')).AssignDialog
}));
const DeleteDialog = lazy(async () => ({
  default: (await import('./delete')).DeleteDialog
}));
const DeployComponent = lazy(async () => ({
  default: (await import('./deploy')).DeployComponent
}));

const PLUGIN = 'smstudio-ext:experiments';
const KINDS: Record<string, DeleteThings['kind']> = {
  [RowData.studioExperiment]: 'Experiment',
  [RowData.studioTrial]: 'ExperimentTrial',
  [RowData.trialComponent]: 'TrialComponent'
};

/** The Trial Component List and what can be done with experiments, trials and components. */
export const experimentsPlugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN,
  description:
    'Adds the Trial Component List, and assigning, deploying, stopping and deleting of trial components.',
  autoStart: true,
  requires: [ISmStudio, ITranslator],
  optional: [ILayoutRestorer, ICommandPalette, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    studio: ISmStudio,
    translator: ITranslator,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null
  ): void => {
    const trans = translator.load(TRANSLATION_DOMAIN);
    const { commands } = app;
    const context = {
      studio,
      commands,
      trans,
      locale: translator.languageCode.replace('_', '-')
    };
    const pages = new Pages({
      app,
      namespace: 'smstudio-trial-components',
      command: CommandIDs.openTrialComponents,
      restorer
    });
    const views = viewsOf(settings);
    /** Chosen components, or those in the arguments. */
    const components = (args: object): readonly string[] =>
      namesFrom(
        app,
        args as { [key: string]: unknown },
        RowData.trialComponent
      );
    const rowOf = (name: string) => chosenUnderMenu(app)?.row?.(name);

    commands.addCommand(CommandIDs.openTrialComponents, {
      label: trans.__('Open in trial component list'),
      caption: trans.__(
        'List the trial components with metrics and parameters'
      ),
      icon: experimentsIcon,
      describedBy: NAME_ARGS(
        'Which components: "all", "unassigned", or "experiment:" or "trial:" and names with commas between them'
      ),
      execute: async args => {
        const name =
          typeof args.name === 'string' && args.name
            ? args.name
            : scopeUnderMenu(app);
        const scope = name ? scopeOf(name) : null;
        if (!name || !scope) {
          return;
        }
        const saved = await views;
        pages.open(
          name,
          id =>
            new StudioPage({
              studio,
              translator,
              commands,
              id,
              icon: experimentsIcon,
              label: trans.__('Trial Component List'),
              caption: scopeLabel(scope, trans),
              content: () => (
                <TrialComponentsPage name={name} scope={scope} views={saved} />
              )
            })
        );
      }
    });
    commands.addCommand(CommandIDs.describeAutoMLJob, {
      label: trans.__('Describe AutoML Job'),
      caption: trans.__('Open the page of the Autopilot experiment'),
      describedBy: { args: null },
      isVisible: () => !!rowUnderMenu(app, RowData.studioExperiment)?.job,
      execute: () =>
        commands.execute(CommandIDs.openExperiment, {
          name: rowUnderMenu(app, RowData.studioExperiment)?.job ?? ''
        })
    });
    commands.addCommand(CommandIDs.assignTrialComponents, {
      label: trans.__('Assign to experiment…'),
      caption: trans.__('Put the trial components into a trial'),
      icon: linkIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            ...NAMES_ARGS('Names of the trial components').args.properties,
            experiment: {
              type: 'string',
              description: 'Experiment that the dialog begins with'
            }
          }
        }
      },
      execute: args => {
        const names = components(args);
        if (names.length) {
          openOverlay(context, close => (
            <AssignDialog
              names={names}
              experiment={
                typeof args.experiment === 'string'
                  ? args.experiment
                  : undefined
              }
              onClose={close}
            />
          ));
        }
      }
    });
    commands.addCommand(CommandIDs.removeTrialComponents, {
      label: trans.__('Remove from trial'),
      caption: trans.__('Take the trial components out of this trial'),
      icon: redoIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            ...NAMES_ARGS('Names of the trial components').args.properties,
            trial: { type: 'string', description: 'Name of the trial' }
          }
        }
      },
      isVisible: args => !!args.trial || !!chosenUnderMenu(app)?.parent,
      execute: async args => {
        const names = components(args);
        const trial =
          typeof args.trial === 'string'
            ? args.trial
            : chosenUnderMenu(app)?.parent;
        if (names.length && trial) {
          try {
            const problems = await removeFrom(studio, trial, names);
            if (problems.length) {
              Notification.warning(problems[0]);
            }
          } catch (reason) {
            Notification.error(ApiFailure.from(reason).message);
          }
          studio.refresh();
        }
      }
    });
    commands.addCommand(CommandIDs.deployTrialComponent, {
      label: trans.__('Deploy model'),
      caption: trans.__("Deploy the model of the component's training job"),
      icon: endpointIcon,
      describedBy: NAMES_ARGS('Name of the trial component'),
      isEnabled: args => {
        const names = components(args);
        const row = names.length === 1 ? rowOf(names[0]) : undefined;
        return (
          names.length === 1 &&
          (!row ||
            (row.type === 'Training job' &&
              ['Completed', 'Stopped'].includes(row.status ?? '')))
        );
      },
      execute: async args => {
        const [name] = components(args);
        if (!name) {
          return;
        }
        const job = await jobOf(studio, name);
        if (job) {
          openOverlay(context, close => (
            <DeployComponent job={job} onClose={close} />
          ));
        } else {
          Notification.error(trans.__('%1 describes no training job.', name));
        }
      }
    });
    commands.addCommand(CommandIDs.stopTrialComponents, {
      label: trans.__('Stop job'),
      caption: trans.__('Stop the jobs of the trial components'),
      icon: stopIcon,
      describedBy: NAMES_ARGS('Names of the trial components'),
      isEnabled: args => {
        const names = components(args);
        const rows = names.map(rowOf);
        return (
          names.length > 0 &&
          rows.some(row => !row || row.status === 'InProgress')
        );
      },
      execute: async args => {
        const names = components(args).filter(name => {
          const row = rowOf(name);
          return !row || row.status === 'InProgress';
        });
        if (!names.length) {
          return;
        }
        await confirmed(
          studio,
          trans,
          {
            title: trans.__('Stop the jobs?'),
            body: trans._n(
              'The job of %1 trial component is stopped.',
              'The jobs of %1 trial components are stopped.',
              names.length
            ),
            label: trans.__('Stop')
          },
          async () => {
            for (const part of batches(names, 100)) {
              const answer = await studio.api.call('stopComponents', {
                body: { names: part }
              });
              if (answer.failed.length) {
                Notification.warning(answer.failed[0].message);
              }
            }
          }
        );
      }
    });
    commands.addCommand(CommandIDs.deleteExperiments, {
      label: trans.__('Delete…'),
      caption: trans.__('List what would be deleted, and delete it'),
      icon: closeIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            ...NAMES_ARGS('What to delete').args.properties,
            kind: {
              type: 'string',
              enum: Object.keys(KINDS),
              description: 'What the names are of'
            }
          }
        }
      },
      execute: args => {
        const chosen = chosenUnderMenu(app);
        const kind = (args.kind as string | undefined) ?? chosen?.kind ?? '';
        const names = namesFrom(app, args, kind);
        if (names.length && KINDS[kind]) {
          openOverlay(context, close => (
            <DeleteDialog kind={KINDS[kind]} names={names} onClose={close} />
          ));
        }
      }
    });

    palette?.addItem({
      command: CommandIDs.openTrialComponents,
      category: trans.__('SageMaker'),
      args: { name: TrialScope.all }
    });
    addMenus(app);
  }
};

function addMenus(app: JupyterFrontEnd): void {
  const { contextMenu } = app;
  const lists = [
    RowData.studioExperiment,
    RowData.studioTrial,
    RowData.unassigned
  ];
  for (const kind of lists) {
    contextMenu.addItem({
      command: CommandIDs.openTrialComponents,
      selector: RowData.selector(kind),
      rank: 1
    });
  }
  contextMenu.addItem({
    command: CommandIDs.describeAutoMLJob,
    selector: RowData.selector(RowData.studioExperiment),
    rank: 2
  });
  for (const kind of [RowData.studioExperiment, RowData.studioTrial]) {
    contextMenu.addItem({
      command: CommandIDs.deleteExperiments,
      selector: RowData.selector(kind),
      rank: 50
    });
  }
  const selector = RowData.selector(RowData.trialComponent);
  [
    CommandIDs.deployTrialComponent,
    CommandIDs.assignTrialComponents,
    CommandIDs.removeTrialComponents,
    CommandIDs.stopTrialComponents,
    CommandIDs.deleteExperiments
  ].forEach((command, index) =>
    contextMenu.addItem({ command, selector, rank: index + 10 })
  );
}

/** The scope that the rows under the context menu mean. */
function scopeUnderMenu(app: JupyterFrontEnd): string | null {
  const chosen = chosenUnderMenu(app);
  switch (chosen?.kind) {
    case RowData.unassigned:
      return TrialScope.unassigned;
    case RowData.studioExperiment:
      return TrialScope.experiments(chosen.names);
    case RowData.studioTrial:
      return TrialScope.trials(chosen.names);
    default:
      return null;
  }
}

/** The training job that a component describes. */
async function jobOf(studio: ISmStudio, name: string): Promise<string | null> {
  try {
    const found = await studio.api.call('listComponentRows', {
      body: {
        query: {
          filters: [
            { name: 'TrialComponentName', operator: 'Equals', value: name }
          ]
        },
        limit: 1
      }
    });
    const row = found.rows[0];
    return row?.type === 'Training job' ? row.job : null;
  } catch (reason) {
    Notification.error(ApiFailure.from(reason).message);
    return null;
  }
}

async function viewsOf(settings: ISettingRegistry | null): Promise<SavedViews> {
  try {
    return settings
      ? new SavedViews(await settings.load(PLUGIN), () =>
          settings.reload(PLUGIN)
        )
      : new SavedViews(null);
  } catch {
    // Without its schema the views last until the reload.
    return new SavedViews(null);
  }
}
