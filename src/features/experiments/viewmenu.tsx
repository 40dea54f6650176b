import { Dialog, InputDialog, showDialog } from '@jupyterlab/apputils';
import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { usePage } from '../../shared/context';
import { useDraft } from '../../shared/draft';
import type { IView, SavedViews } from './views';
import { START } from './views';

/** Chooses, saves and deletes views. */
export function ViewMenu(props: {
  /** Keys what is kept over a reload. */
  page: string;
  views: SavedViews;
  view: IView;
  onChoose: (change: (old: IView) => IView) => void;
}): JSX.Element {
  const { trans } = usePage();
  const { views } = props;
  const [names, setNames] = useState(views.names);
  // The page keeps how the table looks over a reload, so it keeps the name for it, too.
  const [chosen, setChosen] = useDraft<string | null>(
    `components-view:${props.page}`,
    () => null
  );
  useEffect(() => {
    const update = (): void => setNames(views.names);
    views.changed.connect(update);
    return () => {
      views.changed.disconnect(update);
    };
  }, [views]);
  const save = async (): Promise<void> => {
    const answer = await InputDialog.getText({
      title: trans.__('Save view'),
      label: trans.__('Name of the view'),
      text: chosen ?? '',
      okLabel: trans.__('Save'),
      cancelLabel: trans.__('Cancel')
    });
    const name = answer.value?.trim();
    if (answer.button.accept && name) {
      await views.save(name, props.view);
      setChosen(() => name);
    }
  };
  const remove = async (name: string): Promise<void> => {
    const answer = await showDialog({
      title: trans.__('Delete the view?'),
      body: trans.__('The view "%1" is deleted for all tables.', name),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.warnButton({ label: trans.__('Delete') })
      ]
    });
    if (answer.button.accept) {
      await views.remove(name);
      setChosen(() => null);
    }
  };
  const choose = (value: string): void => {
    if (value === 'save') {
      void save();
    } else if (value === 'delete' && chosen) {
      void remove(chosen);
    } else {
      const name = value.startsWith('view:') ? value.slice(5) : null;
      const found = name === null ? START : views.get(name);
      if (found) {
        setChosen(() => name);
        props.onChoose(() => found);
      }
    }
  };
  const current = chosen !== null && names.includes(chosen) ? chosen : null;
  return (
    <select
      className="jp-mod-styled"
      aria-label={trans.__('View')}
      value={current === null ? 'default' : `view:${current}`}
      onChange={event => choose(event.target.value)}
    >
      <option value="default">{trans.__('Default view')}</option>
      {names.map(name => (
        <option key={name} value={`view:${name}`}>
          {name}
        </option>
      ))}
      <option disabled>──────</option>
      <option value="save">{trans.__('Save view…')}</option>
      {current !== null && (
        <option value="delete">{trans.__('Delete view "%1"…', current)}</option>
      )}
    </select>
  );
}
