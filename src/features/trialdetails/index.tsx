import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator } from '@jupyterlab/translation';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { lazy } from 'react';

import type { ComponentSet } from '../../api/generated';
import { CommandIDs, RowData } from '../../commands';
import { chartIcon } from '../../shared/icons';
import { StudioPage, TRANSLATION_DOMAIN } from '../../shared/page';
import { NAME_ARGS, Pages, rowUnderMenu } from '../../shared/pages';
import { namesFrom } from '../../shared/selection';
import { ISmStudio } from '../../tokens';
import { insertCell } from './cells';
import { SettingLayouts } from './layouts';
import { pageName, readPage, setFrom } from './sets';

const LineagePage = lazy(() => import('./lineage/page'));
const TrialDetailsPage = lazy(() => import('./page'));

const PLUGIN = 'smstudio-ext:trialdetails';

/** Trial details: Describe Trial Component, charts over components, their comparison. */
export const trialDetailsPlugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN,
  description:
    'Adds the pages of trial components: details, charts, comparison.',
  autoStart: true,
  requires: [ISmStudio, ITranslator, IRenderMimeRegistry],
  optional: [ILayoutRestorer, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    studio: ISmStudio,
    translator: ITranslator,
    rendermime: IRenderMimeRegistry,
    restorer: ILayoutRestorer | null,
    settings: ISettingRegistry | null
  ): void => {
    const trans = translator.load(TRANSLATION_DOMAIN);
    const { commands, contextMenu } = app;
    const pages = new Pages({
      app,
      namespace: 'smstudio-trial-details',
      command: CommandIDs.openTrialDetails,
      restorer
    });
    const layouts = new SettingLayouts();
    settings
      ?.load(PLUGIN)
      .then(found => layouts.attach(found, () => settings.reload(PLUGIN)))
      .catch(reason =>
        console.error('SageMaker: saved layouts could not be read', reason)
      );
    const host = {
      rendermime,
      layouts,
      insertCell: (code: string) => insertCell(app, code)
    };
    const open = (set: ComponentSet, label: string, chart: boolean): void => {
      const page = pageName({ set, label });
      pages.openDrafted(
        studio,
        page,
        `charts:${page}`,
        id =>
          new StudioPage({
            id,
            label,
            caption: label,
            icon: chartIcon,
            studio,
            translator,
            commands,
            content: () => (
              <TrialDetailsPage
                page={page}
                set={set}
                addChart={chart}
                host={host}
              />
            )
          })
      );
    };
    const labelOf = (set: ComponentSet): string =>
      set.names?.length === 1
        ? set.names[0]
        : set.names?.length
          ? trans.__('Trial details (%1)', set.names.length)
          : trans.__('Trial details');
    commands.addCommand(CommandIDs.openTrialDetails, {
      label: trans.__('Open in trial details'),
      caption: trans.__('Details, charts and comparison of trial components'),
      icon: chartIcon,
      describedBy: { args: ARGUMENTS },
      execute: args => {
        const restored = readPage(args.name);
        const set =
          restored?.set ??
          setFrom(
            args,
            namesFrom(app, args, RowData.trialComponent),
            rowUnderMenu(app, RowData.trialComponent)
          );
        if (set) {
          const label =
            restored?.label ??
            (typeof args.label === 'string' && args.label
              ? args.label
              : labelOf(set));
          open(set, label, args.chart === true);
        }
      }
    });
    const lineages = new Pages({
      app,
      namespace: 'smstudio-lineage',
      command: CommandIDs.openLineage,
      restorer
    });
    commands.addCommand(CommandIDs.openLineage, {
      label: trans.__('Lineage'),
      caption: trans.__('Where it comes from and where it went'),
      icon: chartIcon,
      describedBy: NAME_ARGS(
        'ARN of a model, endpoint, job or lineage entity, or the S3 address of an artifact'
      ),
      execute: args => {
        const { name } = args;
        if (typeof name === 'string' && name) {
          lineages.open(
            name,
            id =>
              new StudioPage({
                id,
                label: trans.__('Lineage'),
                caption: trans.__('Lineage of %1', name),
                icon: chartIcon,
                studio,
                translator,
                commands,
                content: () => <LineagePage arn={name} host={host} />
              })
          );
        }
      }
    });
    contextMenu.addItem({
      command: CommandIDs.openTrialDetails,
      selector: RowData.selector(RowData.trialComponent),
      rank: 1
    });
  }
};

const ARGUMENTS = {
  type: 'object',
  properties: {
    name: { type: 'string', description: 'Name of one trial component' },
    names: {
      type: 'array',
      items: { type: 'string' },
      description: 'Names of trial components'
    },
    search: {
      type: 'object',
      description:
        "AWS's SearchExpression, for all components that it finds; used without names"
    },
    label: { type: 'string', description: 'Title of the page' },
    chart: { type: 'boolean', description: 'Begin with a new chart' }
  }
} as ReadonlyJSONObject;
