import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator } from '@jupyterlab/translation';

import type { CostQuestion } from '../../api/generated';
import { openOverlay } from '../../shared/overlay';
import { TRANSLATION_DOMAIN } from '../../shared/page';
import { ISmStudio } from '../../tokens';

/** Asks before anything is created on AWS that costs money; without this plugin it is refused. */
export const costPlugin: JupyterFrontEndPlugin<void> = {
  id: 'smstudio-ext:cost',
  description:
    'Asks for a confirmation before anything is created on AWS that costs money.',
  autoStart: true,
  requires: [ISmStudio, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    studio: ISmStudio,
    translator: ITranslator
  ): void => {
    const context = {
      studio,
      trans: translator.load(TRANSLATION_DOMAIN),
      commands: app.commands,
      locale: translator.languageCode.replace('_', '-')
    };
    studio.api.askCost = async (question: CostQuestion): Promise<boolean> => {
      const { CostDialog } = await import('../../shared/cost');
      return new Promise(resolve =>
        openOverlay(context, close => (
          <CostDialog
            question={question}
            onAnswer={agreed => {
              close();
              resolve(agreed);
            }}
          />
        ))
      );
    };
  }
};
