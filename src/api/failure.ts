import type { ApiError, CostQuestion, FieldProblem } from './generated';

/** An answer with a status of 400 and above, or none at all (status 0). */
export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly detail: ApiError
  ) {
    super(detail.message);
    this.name = 'ApiFailure';
  }

  get code(): string {
    return this.detail.code;
  }

  get fields(): FieldProblem[] {
    return this.detail.fields ?? [];
  }

  /** Whatever was thrown, as an ApiFailure. */
  static from(reason: unknown): ApiFailure {
    if (reason instanceof ApiFailure) {
      return reason;
    }
    const message = reason instanceof Error ? reason.message : String(reason);
    return new ApiFailure(0, {
      code: 'NetworkError',
      message,
      hint: null,
      request_id: null,
      fields: []
    });
  }
}

/** The question that an answer with status 428 asks; null for every other answer. */
export function costQuestion(
  status: number,
  text: string
): CostQuestion | null {
  if (status !== 428) {
    return null;
  }
  try {
    const body = JSON.parse(text);
    return body?.code === 'ConfirmCost' && body.token && body.estimate
      ? body
      : null;
  } catch {
    return null; // not of our server
  }
}

/** The error that an answer carries, also when it is not one of ours. */
export function readError(
  response: Pick<Response, 'status' | 'statusText'>,
  text: string
): ApiError {
  try {
    const body = JSON.parse(text);
    if (typeof body?.message === 'string') {
      return {
        code: typeof body.code === 'string' ? body.code : 'ServerError',
        message: body.message,
        hint: body.hint ?? null,
        request_id: body.request_id ?? null,
        fields: Array.isArray(body.fields) ? body.fields : []
      };
    }
  } catch {
    // Not JSON: a proxy's page, say. Its status line tells more than its HTML.
  }
  return {
    code: 'ServerError',
    message: `${response.status} ${response.statusText}`.trim(),
    hint: null,
    request_id: null,
    fields: []
  };
}
