import { closeIcon, filterIcon } from '@jupyterlab/ui-components';
import type { FormEvent, JSX } from 'react';
import { useId, useMemo, useState } from 'react';

import type { ColumnFilter } from '../../api/generated';
import { usePage } from '../context';
import { DialogButtons } from '../dialogbuttons';
import { Modal } from '../modal';
import type { IFilterDraft, ISearchable, Operator } from './model';
import {
  choose,
  EMPTY_DRAFT,
  FEWEST_LETTERS,
  filterLabel,
  filtersOf,
  NUMBER_OPERATORS,
  operatorLabel
} from './model';

/** Columns that the list of a search box shows at most; typing narrows it. */
const LISTED = 60;

/** Filters of a list: a button that adds one, and one chip each. */
export function FilterBar(props: {
  columns: readonly ISearchable[];
  filters: readonly ColumnFilter[];
  onChange: (filters: ColumnFilter[]) => void;
  /** The column that the dialog begins with; set by a column's own menu. */
  asked?: string | null;
  onAsked?: () => void;
  /** Most filters, on AWS. */
  most?: number;
}): JSX.Element {
  const { trans } = usePage();
  const [adding, setAdding] = useState(false);
  const { filters, onChange } = props;
  const full = props.most !== undefined && filters.length >= props.most;
  const open = adding || !!props.asked;
  const close = (): void => {
    setAdding(false);
    props.onAsked?.();
  };
  return (
    <div className="smstudio-Filters">
      <button
        className="smstudio-IconButton"
        title={
          full
            ? trans.__('AWS takes at most %1 filters.', props.most)
            : trans.__('Add a filter')
        }
        aria-label={trans.__('Add a filter')}
        disabled={full}
        onClick={() => setAdding(true)}
      >
        <filterIcon.react tag="span" width="16px" />
      </button>
      {filters.map((filter, index) => {
        const label = filterLabel(filter, props.columns, trans);
        return (
          <span key={`${index}:${label}`} className="smstudio-Chip">
            <span className="smstudio-Chip-text" title={label} dir="auto">
              {label}
            </span>
            <button
              className="smstudio-Chip-remove"
              title={trans.__('Remove the filter')}
              aria-label={trans.__('Remove the filter %1', label)}
              onClick={() => onChange(filters.filter((_, at) => at !== index))}
            >
              <closeIcon.react tag="span" width="12px" />
            </button>
          </span>
        );
      })}
      {open && (
        <FilterDialog
          columns={props.columns}
          start={props.asked ?? null}
          onApply={added => {
            onChange([...filters, ...added]);
            close();
          }}
          onClose={close}
        />
      )}
    </div>
  );
}

function FilterDialog(props: {
  columns: readonly ISearchable[];
  start: string | null;
  onApply: (filters: ColumnFilter[]) => void;
  onClose: () => void;
}): JSX.Element {
  const { trans } = usePage();
  const { columns } = props;
  const [column, setColumn] = useState<ISearchable | null>(
    columns.find(each => each.id === props.start) ?? null
  );
  const [draft, setDraft] = useState<IFilterDraft>(EMPTY_DRAFT);
  const filters = column ? filtersOf(column, draft) : [];
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (filters.length) {
      props.onApply(filters);
    }
  };
  return (
    <Modal title={trans.__('Add a filter')} onClose={props.onClose}>
      <form className="smstudio-Form smstudio-FilterForm" onSubmit={submit}>
        {column ? (
          <>
            <div className="smstudio-FilterForm-column">
              <strong dir="auto">{column.label}</strong>{' '}
              <button
                type="button"
                className="smstudio-Link"
                onClick={() => setColumn(null)}
              >
                {trans.__('Another column')}
              </button>
            </div>
            <Fields column={column} draft={draft} onChange={setDraft} />
          </>
        ) : (
          <ColumnPicker
            columns={columns}
            onPick={picked => {
              setColumn(picked);
              setDraft(EMPTY_DRAFT);
            }}
          />
        )}
        <DialogButtons
          label={trans.__('Apply')}
          disabled={!filters.length}
          onClose={props.onClose}
        />
      </form>
    </Modal>
  );
}

/** The list of columns that can be searched. */
function ColumnPicker(props: {
  columns: readonly ISearchable[];
  onPick: (column: ISearchable) => void;
}): JSX.Element {
  const { trans } = usePage();
  const [typed, setTyped] = useState('');
  const found = useMemo(() => {
    const text = typed.trim().toLowerCase();
    return props.columns.filter(
      each =>
        each.label.toLowerCase().startsWith(text) ||
        (text.length > 1 && each.label.toLowerCase().includes(text))
    );
  }, [props.columns, typed]);
  return (
    <>
      <input
        type="search"
        className="jp-mod-styled smstudio-Search"
        placeholder={trans.__('Search column name')}
        aria-label={trans.__('Search column name')}
        autoFocus
        value={typed}
        onChange={event => setTyped(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            event.preventDefault();
            if (found.length) {
              props.onPick(found[0]);
            }
          }
        }}
      />
      <ul className="smstudio-ColumnPicker" aria-label={trans.__('Columns')}>
        {found.slice(0, LISTED).map(each => (
          <li key={each.id}>
            <button
              type="button"
              className="smstudio-Link"
              onClick={() => props.onPick(each)}
            >
              <span dir="auto">{each.label}</span>
            </button>
            {each.group && (
              <span className="smstudio-mod-dim"> {each.group}</span>
            )}
          </li>
        ))}
        {found.length > LISTED && (
          <li className="smstudio-mod-dim">
            {trans.__(
              '%1 more: type a part of the name',
              found.length - LISTED
            )}
          </li>
        )}
      </ul>
    </>
  );
}

function Fields(props: {
  column: ISearchable;
  draft: IFilterDraft;
  onChange: (draft: IFilterDraft) => void;
}): JSX.Element {
  const { trans } = usePage();
  const id = useId();
  const { column, draft } = props;
  const set = (change: Partial<IFilterDraft>): void =>
    props.onChange({ ...draft, ...change });
  const text = (label: string, help?: string): JSX.Element => (
    <div className="smstudio-Field">
      <label htmlFor={`${id}-text`}>{label}</label>
      <input
        id={`${id}-text`}
        type="text"
        className="jp-mod-styled"
        dir="auto"
        autoFocus={column.kind !== 'tag'}
        maxLength={1024}
        value={draft.text}
        onChange={event => set({ text: event.target.value })}
      />
      {help && <div className="smstudio-mod-dim">{help}</div>}
    </div>
  );
  const date = (member: 'from' | 'to', label: string): JSX.Element => (
    <div className="smstudio-Field">
      <label htmlFor={`${id}-${member}`}>{label}</label>
      <input
        id={`${id}-${member}`}
        type="date"
        className="jp-mod-styled"
        value={draft[member]}
        onChange={event => set({ [member]: event.target.value })}
      />
    </div>
  );
  switch (column.kind) {
    case 'text':
      return text(
        trans.__('Contains'),
        trans.__('At least %1 characters.', FEWEST_LETTERS)
      );
    case 'tag':
      return (
        <>
          <div className="smstudio-Field">
            <label htmlFor={`${id}-key`}>{trans.__('Tag key')}</label>
            <input
              id={`${id}-key`}
              type="text"
              className="jp-mod-styled"
              autoFocus
              maxLength={128}
              value={draft.key}
              onChange={event => set({ key: event.target.value })}
            />
          </div>
          {text(trans.__('Value'), trans.__('The complete value.'))}
        </>
      );
    case 'date':
      return (
        <>
          {date('from', trans.__('From'))}
          {date('to', trans.__('To'))}
        </>
      );
    case 'discrete':
      return (
        <fieldset className="smstudio-Choices">
          <legend>{trans.__('One of')}</legend>
          {(column.values ?? []).map(each => (
            <label key={each.value}>
              <input
                type="checkbox"
                checked={draft.chosen.includes(each.value)}
                onChange={event =>
                  set({
                    chosen: choose(
                      draft.chosen,
                      each.value,
                      event.target.checked
                    )
                  })
                }
              />{' '}
              {each.label}
            </label>
          ))}
        </fieldset>
      );
    case 'number': {
      const bare =
        draft.operator === 'Exists' || draft.operator === 'NotExists';
      return (
        <>
          <div className="smstudio-Field">
            <label htmlFor={`${id}-operator`}>{trans.__('Condition')}</label>
            <select
              id={`${id}-operator`}
              className="jp-mod-styled"
              value={draft.operator}
              onChange={event =>
                set({ operator: event.target.value as Operator })
              }
            >
              {NUMBER_OPERATORS.map(each => (
                <option key={each} value={each}>
                  {operatorLabel(each, trans)}
                </option>
              ))}
            </select>
          </div>
          {!bare && text(trans.__('Number'))}
        </>
      );
    }
  }
}
