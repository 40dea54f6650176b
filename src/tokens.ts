import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { ApiClient } from './api/client';
import type {
  Change,
  ChooseTarget,
  EngineStatus,
  Options,
  Status
} from './api/generated';

/** What every SageMaker page shares: the REST client, the target, the engine and live changes. */
export interface ISmStudio {
  readonly api: ApiClient;

  /** The last status that the server told; null before its first answer. */
  readonly status: Status | null;

  /** Emitted when the target or the engine's state changes. */
  readonly statusChanged: ISignal<ISmStudio, Status>;

  /** Emitted for each change of a resource, from the server's event stream. */
  readonly changed: ISignal<ISmStudio, Change>;

  /** Emitted when somebody asks all visible pages to read again. */
  readonly refreshRequested: ISignal<ISmStudio, void>;

  /** Tells targets apart, e.g. to key cached rows. */
  readonly targetKey: string;

  /** Last answers by key, so that a page that opens again shows rows at once. */
  readonly cache: Map<string, unknown>;

  /** Seconds between two looks when no event comes. */
  readonly pollInterval: number;

  /** Resolves when the target can be asked; starts the local engine when it must and may. */
  ready(): Promise<Status>;

  /** Reads the status again. */
  refreshStatus(): Promise<Status>;

  startEngine(): Promise<EngineStatus>;
  stopEngine(): Promise<EngineStatus>;
  chooseTarget(choice: ChooseTarget): Promise<Status>;

  /** What forms offer on this target. */
  options(): Promise<Options>;

  /** Asks all visible pages to read again. */
  refresh(): void;

  /** A page was shown (or hidden): the server polls AWS only for pages that somebody sees. */
  setVisible(page: object, visible: boolean): void;
}

/** The token of the shared model. */
export const ISmStudio = new Token<ISmStudio>(
  'smstudio-ext:ISmStudio',
  'The target, the local engine, the REST client and live changes of all SageMaker pages.'
);
