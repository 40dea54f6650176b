import type {
  ColumnFilter,
  ComponentRow,
  ExperimentEntry,
  ExperimentPage
} from '../../api/generated';
import { RowData } from '../../commands';
import type { IList, IPage } from '../../shared/list';
import { useList } from '../../shared/list';
import type { ISort } from '../../shared/merge';
import type { Selection } from '../../shared/selection';
import type { ISmStudio } from '../../tokens';

const PAGE = 100;
/** Name of the first row; no experiment can be called so. */
export const UNASSIGNED = '/unassigned';

/** One row of any level. */
export interface IEntry {
  kind: string;
  name: string;
  label: string;
  type: string;
  status: string;
  modified: string | null;
  created: string | null;
  automl_job: string | null;
}

/** Where the list is: nothing, an experiment, or an experiment (or the unassigned) and one of its trials. */
export interface IPlace {
  experiment?: string;
  trial?: string;
  unassigned?: boolean;
}

/** What the list shows. */
export type Level = 'experiments' | 'trials' | 'components';

/** Kinds of the resources, as changes name them. */
export const KINDS: Record<Level, string> = {
  experiments: 'Experiment',
  trials: 'ExperimentTrial',
  components: 'ExperimentTrialComponent'
};

/** What a place shows. */
export function levelOf(place: IPlace): Level {
  return place.unassigned || place.trial
    ? 'components'
    : place.experiment
      ? 'trials'
      : 'experiments';
}

/** What the list of a place is asked for. */
export interface IEntriesProps {
  place: IPlace;
  level: Level;
  label: string;
  search: string;
  filters: ColumnFilter[];
  selection: Selection;
  go: (place: IPlace) => void;
}

/** The rows of the place that the list shows. */
export function useEntries(
  props: IEntriesProps,
  sort: ISort,
  onUnassigned: (count: number | null) => void
): IList<IEntry> {
  const { place, level, search, filters } = props;
  return useList<IEntry>(
    `browse:${JSON.stringify([place, search, filters, sort])}`,
    {
      kind: KINDS[level],
      busy: row => row.status === 'InProgress',
      load: (studio, token, signal) =>
        level === 'components'
          ? loadComponents(studio, props, sort, token, signal)
          : loadExperiments(studio, props, sort, token, signal).then(page => {
              if (token === null) {
                onUnassigned(page.unassigned);
              }
              return {
                items: page.items.map(entryOf),
                next_token: page.next_token
              };
            })
    }
  );
}

async function loadExperiments(
  studio: ISmStudio,
  props: IEntriesProps,
  sort: ISort,
  token: string | null,
  signal?: AbortSignal
): Promise<ExperimentPage> {
  const name = props.level === 'trials' ? 'TrialName' : 'ExperimentName';
  return studio.api.call('browseExperiments', {
    body: {
      experiment: props.place.experiment ?? null,
      search: props.search || null,
      filters: props.filters,
      sort_by: sortBy(sort, name),
      sort_order: sort.descending ? 'Descending' : 'Ascending',
      max_results: PAGE,
      next_token: token
    },
    signal
  });
}

async function loadComponents(
  studio: ISmStudio,
  props: IEntriesProps,
  sort: ISort,
  token: string | null,
  signal?: AbortSignal
): Promise<IPage<IEntry>> {
  const { place } = props;
  const answer = await studio.api.call('listComponentRows', {
    body: {
      query: {
        scope: place.trial
          ? { kind: 'trial', names: [place.trial] }
          : { kind: 'unassigned', names: [] },
        search: props.search || null,
        filters: props.filters,
        sort_by: sortBy(sort, 'TrialComponentName'),
        descending: sort.descending
      },
      limit: PAGE,
      token
    },
    signal
  });
  return {
    items: answer.rows.map(componentOf),
    next_token: answer.next_token
  };
}

function sortBy(sort: ISort, name: string): string {
  return sort.column === 'name'
    ? name
    : sort.column === 'created'
      ? 'CreationTime'
      : 'LastModifiedTime';
}

function entryOf(entry: ExperimentEntry): IEntry {
  return {
    kind: entry.kind,
    name: entry.name,
    label: entry.display_name,
    type: entry.type,
    status: '',
    modified: entry.modified,
    created: entry.created,
    automl_job: entry.automl_job
  };
}

function componentOf(row: ComponentRow): IEntry {
  return {
    kind: RowData.trialComponent,
    name: row.name,
    label: row.display_name,
    type: row.type,
    status: row.status,
    modified: row.modified,
    created: row.created,
    automl_job: null
  };
}
