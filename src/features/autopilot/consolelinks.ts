/** Links to AWS's console in notebooks: on the local engine they open the pages here that show the same. */
import type { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from '../../commands';
import type { ISmStudio } from '../../tokens';

/** What a link opens here. */
export interface IOpens {
  command: string;
  name: string | null;
}

/** Pages of the console, by the word behind the `#/`. */
const PAGES: Record<string, { one: string; all: string }> = {
  endpoints: { one: CommandIDs.openEndpoint, all: CommandIDs.showPanel },
  jobs: { one: CommandIDs.openTrainingJob, all: CommandIDs.listTrainingJobs },
  'hyper-tuning-jobs': {
    one: CommandIDs.openTuningJob,
    all: CommandIDs.listTuningJobs
  },
  'transform-jobs': {
    one: CommandIDs.openTransformJob,
    all: CommandIDs.listTransformJobs
  },
  models: { one: CommandIDs.openModel, all: CommandIDs.listModels }
};

/** What a link to SageMaker's console means here; null for any other link. */
export function consolePage(address: string): IOpens | null {
  const match =
    /^https:\/\/(?:[a-z0-9-]+\.)?console\.aws\.amazon\.com\/sagemaker\/home[^#]*#\/([a-z-]+)(?:\/([^/?]+))?/.exec(
      address
    );
  const page = match && PAGES[match[1]];
  if (!page) {
    return null;
  }
  const name = match[2] ? decodeURIComponent(match[2]) : null;
  return { command: name ? page.one : page.all, name };
}

/** Follows such links wherever notebooks show them, as long as the target is the local engine. */
export function followConsoleLinks(
  studio: ISmStudio,
  commands: CommandRegistry
): void {
  document.addEventListener(
    'click',
    event => {
      const link = (event.target as Element | null)?.closest?.('a');
      const opens = consolePage(link?.getAttribute('href') ?? '');
      if (
        !opens ||
        studio.status?.target.kind !== 'local' ||
        !commands.hasCommand(opens.command)
      ) {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      void commands.execute(
        opens.command,
        opens.name ? { name: opens.name } : {}
      );
    },
    true
  );
}
