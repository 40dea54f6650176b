/** @jest-environment node */
import { ServerConnection } from '@jupyterlab/services';

import { ApiClient, ApiFailure, queryString } from '../client';
import { costQuestion, readError } from '../failure';

function clientAnswering(answer: (request: Request) => Response): {
  client: ApiClient;
  seen: Request[];
} {
  const seen: Request[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost:8888/user/me/',
    fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
      const request = input as Request;
      seen.push(request);
      void init;
      return answer(request);
    }
  });
  return { client: new ApiClient(settings), seen };
}

function response(status: number, text: string): Response {
  return new Response(text, { status });
}

test('names go into the path encoded, queries behind it', async () => {
  const { client, seen } = clientAnswering(() => response(200, '{"items":[]}'));
  await client.call('listCandidates', {
    name: 'a/b c',
    query: { max_results: 5, next_token: null }
  });
  // Lab appends a number that keeps caches away.
  expect(seen[0].url.replace(/&\d+$/, '')).toBe(
    'http://localhost:8888/user/me/smstudio/api/automl-jobs/a%2Fb%20c/candidates?max_results=5'
  );
});

test('a refused request throws what the server said', async () => {
  const { client } = clientAnswering(() =>
    response(
      409,
      JSON.stringify({
        code: 'ResourceInUse',
        message: 'taken',
        hint: 'choose another',
        request_id: 'r1',
        fields: [{ field: 'name', message: 'taken' }]
      })
    )
  );
  const failure = await client
    .call('stopAutoMLJob', { name: 'x' })
    .catch(reason => reason);
  expect(failure).toBeInstanceOf(ApiFailure);
  expect(failure.status).toBe(409);
  expect(failure.code).toBe('ResourceInUse');
  expect(failure.detail.hint).toBe('choose another');
  expect(failure.fields).toEqual([{ field: 'name', message: 'taken' }]);
});

test('an answer that is not ours is told by its status line', () => {
  expect(
    readError({ status: 502, statusText: 'Bad Gateway' }, '<html>').message
  ).toBe('502 Bad Gateway');
});

test('empty members stay out of the query', () => {
  expect(queryString({ a: '', b: null, c: undefined, d: 0, e: false })).toBe(
    '?d=0&e=false'
  );
});

test('anything thrown becomes a failure', () => {
  expect(ApiFailure.from('odd').message).toBe('odd');
  expect(ApiFailure.from(new TypeError('no net')).code).toBe('NetworkError');
});

const QUESTION = JSON.stringify({
  code: 'ConfirmCost',
  message: 'CreateTrainingJob was not sent',
  hint: null,
  request_id: null,
  fields: [],
  token: 'the-token',
  estimate: { operation: 'CreateTrainingJob' }
});

test('what costs money is sent again with its token once somebody agreed', async () => {
  const { client, seen } = clientAnswering(request =>
    request.headers.get('X-SmStudio-Confirm-Cost') === 'the-token'
      ? response(201, '{"name":"a"}')
      : response(428, QUESTION)
  );
  client.askCost = async question => question.token === 'the-token';
  const answer = await client.call('startNotebookInstance', { name: 'a' });
  expect(answer).toEqual({ name: 'a' });
  expect(seen).toHaveLength(2);
});

test('what costs money is not created when nobody agrees or can be asked', async () => {
  const { client, seen } = clientAnswering(() => response(428, QUESTION));
  const unasked = await client
    .call('startNotebookInstance', { name: 'a' })
    .catch(reason => reason);
  expect([unasked.status, unasked.code]).toEqual([428, 'ConfirmCost']);
  client.askCost = async () => false;
  const refused = await client
    .call('startNotebookInstance', { name: 'a' })
    .catch(reason => reason);
  expect(refused.code).toBe('ConfirmCost');
  expect(seen).toHaveLength(2);
});

test('only our own question is one', () => {
  expect(costQuestion(200, QUESTION)).toBeNull();
  expect(costQuestion(428, '<html>')).toBeNull();
  expect(costQuestion(428, '{"code":"Other"}')).toBeNull();
  expect(costQuestion(428, QUESTION)?.token).toBe('the-token');
});
