import { FileDialog, IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { ITranslator } from '@jupyterlab/translation';

import { TRANSLATION_DOMAIN } from './page';

/** Chooses files and folders of the Jupyter server; answers their path, or null. */
export interface IPickers {
  data: () => Promise<string | null>;
  script: () => Promise<string | null>;
  folder: () => Promise<string | null>;
}

/** Pickers that begin where the file browser is. */
export function makePickers(
  browser: IDefaultFileBrowser | null,
  translator: ITranslator
): IPickers | null {
  if (!browser) {
    return null;
  }
  const trans = translator.load(TRANSLATION_DOMAIN);
  const file = async (
    title: string,
    label: string,
    pattern: RegExp
  ): Promise<string | null> => {
    const answer = await FileDialog.getOpenFiles({
      manager: browser.model.manager,
      title,
      label,
      defaultPath: browser.model.path,
      filter: each =>
        each.type === 'directory' || pattern.test(each.name) ? {} : null,
      translator
    });
    return answer.button.accept
      ? (answer.value?.find(each => each.type !== 'directory')?.path ?? null)
      : null;
  };
  return {
    data: () =>
      file(
        trans.__('Choose a data file'),
        trans.__('The file is copied to S3.'),
        /./
      ),
    script: () =>
      file(
        trans.__('Choose a script'),
        trans.__('The script is packed and copied to S3.'),
        /\.(py|sh)$/i
      ),
    folder: async () => {
      const answer = await FileDialog.getExistingDirectory({
        manager: browser.model.manager,
        title: trans.__('Choose the folder of the script'),
        label: trans.__('The folder is packed and copied to S3.'),
        defaultPath: browser.model.path,
        translator
      });
      return answer.button.accept ? (answer.value?.[0]?.path ?? null) : null;
    }
  };
}
