import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { ApiFailure, costQuestion, readError } from './failure';
import type { CostQuestion, Operations } from './generated';
import type { OperationId } from './routes';
import { ROUTES } from './routes';

export { ApiFailure } from './failure';
export type { OperationId } from './routes';

/** Header with the token that confirms what a request costs. */
const CONFIRM_HEADER = 'X-SmStudio-Confirm-Cost';

/** Typed access to the REST API under `<base_url>/smstudio/api/`. */
export class ApiClient {
  constructor(readonly serverSettings: ServerConnection.ISettings) {}

  /**
   * Asks the user whether what a request costs on AWS is wanted; without it, nothing that costs money is created.
   *
   * All forms and menus are asked for here, so that none can be forgotten.
   */
  askCost: ((question: CostQuestion) => Promise<boolean>) | null = null;

  /** The address of an operation, e.g. of a download that the browser itself fetches. */
  url<K extends OperationId>(
    id: K,
    options: Pick<ApiClient.IOptions<K>, 'name' | 'parts' | 'query'> = {}
  ): string {
    const parts: Record<string, string> = {
      ...options.parts,
      name: options.name ?? ''
    };
    return (
      URLExt.join(
        this.serverSettings.baseUrl,
        'smstudio/api',
        ROUTES[id].path.replace(/{(\w+)}/g, (_, part: string) =>
          encodeURIComponent(parts[part] ?? '')
        )
      ) + queryString(options.query ?? {})
    );
  }

  /**
   * Calls one operation.
   *
   * Throws an ApiFailure when the server refuses or cannot be reached.
   */
  async call<K extends OperationId>(
    id: K,
    options: ApiClient.IOptions<K> = {}
  ): Promise<Operations[K]['answer']> {
    let [response, text] = await this._send(id, options, null);
    const question = costQuestion(response.status, text);
    if (question && this.askCost && (await this.askCost(question))) {
      [response, text] = await this._send(id, options, question.token);
    }
    if (!response.ok) {
      throw new ApiFailure(response.status, readError(response, text));
    }
    return text ? JSON.parse(text) : undefined;
  }

  private async _send<K extends OperationId>(
    id: K,
    options: ApiClient.IOptions<K>,
    confirmation: string | null
  ): Promise<[Response, string]> {
    const url = this.url(id, options);
    const headers: Record<string, string> = {};
    const init: RequestInit = { method: ROUTES[id].method, headers };
    if (options.signal) {
      init.signal = options.signal;
    }
    if (options.body !== undefined) {
      init.body = JSON.stringify(options.body);
      headers['Content-Type'] = 'application/json';
    }
    if (confirmation) {
      headers[CONFIRM_HEADER] = confirmation;
    }
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(
        url,
        init,
        this.serverSettings
      );
    } catch (reason) {
      if (options.signal?.aborted) {
        throw reason;
      }
      throw ApiFailure.from(reason);
    }
    return [response, await response.text()];
  }

  /** Ends the Jupyter server itself. */
  async endServer(): Promise<void> {
    const response = await ServerConnection.makeRequest(
      URLExt.join(this.serverSettings.baseUrl, 'api/shutdown'),
      { method: 'POST' },
      this.serverSettings
    );
    if (!response.ok) {
      throw new ApiFailure(
        response.status,
        readError(response, await response.text())
      );
    }
  }
}

/** A namespace for ApiClient statics. */
export namespace ApiClient {
  /** What a call takes. */
  export interface IOptions<K extends OperationId> {
    /** Fills `{name}` of the path. */
    name?: string;
    /** Fills the other parts of the path, by their names. */
    parts?: Record<string, string>;
    query?: Operations[K]['query'];
    body?: Operations[K]['body'];
    signal?: AbortSignal;
  }
}

/** `?a=1&b=2` of an object; members without a value are left out. */
export function queryString(query: object): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') {
      search.set(key, String(value));
    }
  }
  const text = search.toString();
  return text ? `?${text}` : '';
}
