import type { Event } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import type { ApiClient } from '../../../api/client';
import type { Change, Status } from '../../../api/generated';
import { CHANGE_SCHEMA, SmStudioModel } from '../model';

const status = (state: string, kind = 'local'): Status =>
  ({
    version: '0',
    target: { kind, profile: null, region: 'us-east-1', title: kind },
    engine: { state }
  }) as unknown as Status;

function setUp(first: Status) {
  const calls: string[] = [];
  const api = {
    call: async (id: string) => {
      calls.push(id);
      switch (id) {
        case 'getStatus':
          return first;
        case 'startEngine':
          return { state: 'running' };
        case 'stopEngine':
          return { state: 'stopped' };
        case 'reportPresence':
          return { again_in_seconds: 60 };
        default:
          return {};
      }
    }
  } as unknown as ApiClient;
  const source = {};
  const stream = new Signal<object, unknown>(source);
  const model = new SmStudioModel({
    api,
    events: { stream } as unknown as Event.IManager
  });
  return { model, calls, emit: (event: object) => stream.emit(event) };
}

test('the engine is started once, whoever asks', async () => {
  const { model, calls } = setUp(status('stopped'));
  const answers = await Promise.all([model.ready(), model.ready()]);
  expect(answers[0].engine.state).toBe('running');
  expect(calls.filter(id => id === 'startEngine')).toHaveLength(1);
  model.dispose();
});

test('an engine that somebody stopped stays stopped', async () => {
  const { model, calls } = setUp(status('running'));
  await model.ready();
  await model.stopEngine();
  await model.ready();
  expect(calls).not.toContain('startEngine');
  model.dispose();
});

test('AWS needs no engine', async () => {
  const { model, calls } = setUp(status('stopped', 'aws'));
  await model.ready();
  expect(calls).toEqual(['getStatus']);
  model.dispose();
});

test('changes of the chosen target are told, others are not', async () => {
  const { model, emit } = setUp(status('running'));
  await model.ready();
  const seen: Change[] = [];
  model.changed.connect((_, change) => seen.push(change));
  const change = {
    schema_id: CHANGE_SCHEMA,
    kind: 'Endpoint',
    name: 'e',
    status: 'InService',
    region: 'us-east-1',
    target: 'local'
  };
  emit(change);
  emit({ ...change, target: 'aws' });
  emit({ ...change, region: 'eu-west-1' });
  emit({ ...change, schema_id: 'https://example.org/other' });
  expect(seen.map(each => each.name)).toEqual(['e']);
  model.dispose();
});

test('a visible page is reported until it is hidden', async () => {
  const { model, calls } = setUp(status('running'));
  const page = {};
  model.setVisible(page, true);
  model.setVisible({}, true);
  await Promise.resolve();
  expect(calls).toEqual(['reportPresence']);
  model.dispose();
});
