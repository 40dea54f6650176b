/** What the plugin's parts share, and how pages of more than one name are called. */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';

import type { ISmStudio } from '../../tokens';

/** What every part of the plugin works with. */
export interface IPlace {
  app: JupyterFrontEnd;
  studio: ISmStudio;
  translator: ITranslator;
  trans: TranslationBundle;
  rendermime: IRenderMimeRegistry;
  restorer: ILayoutRestorer | null;
  browser: IDefaultFileBrowser | null;
}

/** The two notebooks of an experiment. */
export type NotebookKind = 'candidate-definition' | 'data-exploration';

/** Name of the page of a notebook. */
export function notebookName(kind: NotebookKind, job: string): string {
  return `${kind}/${job}`;
}

/** Name of the page of a model. */
export function modelName(job: string, candidate: string): string {
  return `${job}/${candidate}`;
}

/** The two parts of a page's name; null when it has not two. */
export function partsOf(name: string): [string, string] | null {
  const at = name.indexOf('/');
  return at > 0 && at < name.length - 1
    ? [name.slice(0, at), name.slice(at + 1)]
    : null;
}

/** What Experiments call the trial component of a training job. */
export function componentOf(training: string): string {
  return `${training}-aws-training-job`;
}
