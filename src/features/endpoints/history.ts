/** Requests that were sent to an endpoint, kept in the browser; no React here. */

/** What a request of the form has. */
export interface IRequest {
  body: string;
  body_is_base64: boolean;
  content_type: string;
  accept: string;
  target_variant: string;
  target_model: string;
  target_container: string;
  inference_id: string;
  custom_attributes: string;
}

/** A request and how it was answered. */
export interface ISent {
  id: string;
  /** ISO 8601. */
  time: string;
  /** Without its body when that was too large to keep. */
  request: IRequest;
  bodyKept: boolean;
  status: 'Complete' | 'Failed';
  code: number;
  elapsed_ms: number;
  variant: string | null;
  /** Begin of the answer. */
  answer: string;
}

/** Requests of one endpoint that are kept. */
export const MOST = 30;

/** Characters of a body that is kept. */
export const LARGEST_BODY = 20_000;

/** Characters of an answer that are kept. */
export const LARGEST_ANSWER = 500;

/** The empty form. */
export const NO_REQUEST: IRequest = {
  body: '',
  body_is_base64: false,
  content_type: 'text/csv',
  accept: '',
  target_variant: '',
  target_model: '',
  target_container: '',
  inference_id: '',
  custom_attributes: ''
};

/** The history with one more, newest first; the same request sent again moves up. */
export function remember(history: readonly ISent[], sent: ISent): ISent[] {
  const bodyKept = sent.request.body.length <= LARGEST_BODY;
  const kept: ISent = {
    ...sent,
    bodyKept,
    request: { ...sent.request, body: bodyKept ? sent.request.body : '' },
    answer: sent.answer.slice(0, LARGEST_ANSWER)
  };
  const same = JSON.stringify(kept.request);
  const others = history.filter(
    each => !bodyKept || !each.bodyKept || JSON.stringify(each.request) !== same
  );
  return [kept, ...others].slice(0, MOST);
}

/** What was kept under a key; nothing when storage is off or holds something else. */
export function readHistory(storage: Storage | null, key: string): ISent[] {
  try {
    const found: unknown = JSON.parse(storage?.getItem(key) ?? '[]');
    return Array.isArray(found) ? found.filter(isSent).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

/** Keeps a history; the oldest go first when the storage is full. */
export function writeHistory(
  storage: Storage | null,
  key: string,
  history: readonly ISent[]
): void {
  for (let count = history.length; count > 0; count = Math.floor(count / 2)) {
    try {
      storage?.setItem(key, JSON.stringify(history.slice(0, count)));
      return;
    } catch {
      // Full: half of them may fit. Switched off: nothing is kept.
    }
  }
  try {
    storage?.removeItem(key);
  } catch {
    // Storage that is switched off holds nothing.
  }
}

function isSent(value: unknown): value is ISent {
  const sent = value as ISent | null;
  return (
    typeof sent?.time === 'string' &&
    typeof sent.id === 'string' &&
    typeof sent.answer === 'string' &&
    typeof sent.elapsed_ms === 'number' &&
    typeof sent.request === 'object' &&
    Object.entries(NO_REQUEST).every(
      ([name, empty]) =>
        typeof sent.request[name as keyof IRequest] === typeof empty
    )
  );
}
