import { lazy } from 'react';

import { CommandIDs, RowData } from '../../commands';
import { autopilotIcon, modelIcon } from '../../shared/icons';
import { StudioPage } from '../../shared/page';
import { NAME_ARGS, Pages, rowUnderMenu } from '../../shared/pages';
import type { IPlace } from './places';
import { componentOf, modelName, partsOf } from './places';

const ModelDetailsPage = lazy(() => import('./details'));
const ComparePage = lazy(() => import('./compare'));

/** Adds the pages of models and the page that compares experiments, and what opens them. */
export function addModelPages(place: IPlace): void {
  const { app, studio, translator, trans, rendermime, restorer } = place;
  const { commands, contextMenu } = app;
  const shared = { studio, translator, commands };
  const models = new Pages({
    app,
    namespace: 'smstudio-autopilot-model',
    command: CommandIDs.openModelDetails,
    restorer
  });
  const comparisons = new Pages({
    app,
    namespace: 'smstudio-compare-experiments',
    command: CommandIDs.compareExperiments,
    restorer
  });
  commands.addCommand(CommandIDs.openModelDetails, {
    label: trans.__('Open in model details'),
    caption: trans.__(
      'Show what the model learned, how good it is and its files'
    ),
    icon: modelIcon,
    describedBy: NAME_ARGS(
      'Name of the Autopilot job, a slash, and the name of the candidate'
    ),
    execute: args => {
      const row = rowUnderMenu(app, RowData.candidate);
      const name =
        (args.name as string | undefined) ??
        (row?.job && row.name ? modelName(row.job, row.name) : '');
      const parts = partsOf(name);
      if (!parts) {
        return;
      }
      const [job, candidate] = parts;
      models.open(
        name,
        id =>
          new StudioPage({
            ...shared,
            id,
            label: candidate,
            caption: trans.__('Model of the Autopilot experiment %1', job),
            icon: modelIcon,
            content: () => (
              <ModelDetailsPage
                job={job}
                candidate={candidate}
                rendermime={rendermime}
              />
            )
          })
      );
    }
  });
  commands.addCommand(CommandIDs.openCandidateTrial, {
    label: trans.__('Open in trial details'),
    caption: trans.__('Show the trial component of the model in Experiments'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          training: { type: 'string', description: 'Name of the training job' }
        }
      }
    },
    isVisible: () => commands.hasCommand(CommandIDs.openTrialDetails),
    isEnabled: args =>
      !!args.training || !!rowUnderMenu(app, RowData.candidate)?.training,
    execute: async args => {
      const row = rowUnderMenu(app, RowData.candidate);
      const training = (args.training as string | undefined) ?? row?.training;
      if (training) {
        await commands.execute(CommandIDs.openTrialDetails, {
          names: [componentOf(training)]
        });
      }
    }
  });
  commands.addCommand(CommandIDs.compareExperiments, {
    label: trans.__('Compare with…'),
    caption: trans.__('Show two or more Autopilot experiments side by side'),
    icon: autopilotIcon,
    describedBy: NAME_ARGS('Names of Autopilot jobs, with commas between'),
    execute: args => {
      const name =
        (args.name as string | undefined) ??
        rowUnderMenu(app, RowData.experiment)?.name;
      if (!name) {
        return;
      }
      comparisons.open(
        name,
        id =>
          new StudioPage({
            ...shared,
            id,
            label: trans.__('Compare experiments'),
            icon: autopilotIcon,
            content: () => (
              <ComparePage names={name.split(',')} rendermime={rendermime} />
            )
          })
      );
    }
  });
  const candidate = RowData.selector(RowData.candidate);
  contextMenu.addItem({
    command: CommandIDs.openCandidateTrial,
    selector: candidate,
    rank: 0.3
  });
  contextMenu.addItem({
    command: CommandIDs.openModelDetails,
    selector: candidate,
    rank: 0.6
  });
  contextMenu.addItem({
    command: CommandIDs.compareExperiments,
    selector: RowData.selector(RowData.experiment),
    rank: 4
  });
}
