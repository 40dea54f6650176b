import type { ComponentDetails, LineageGraph } from '../../../api/generated';
import { csvOf, fileName } from '../charts/csv';
import { brushed } from '../charts/brush';
import { differences } from '../differences';
import { graphOf, graphSpec } from '../graphspecs';
import { layoutsOf } from '../layouts';
import { placed } from '../lineage/layout';
import { guarded } from '../guarded';
import { pageName, readPage, setFrom } from '../sets';

function component(change: Partial<ComponentDetails>): ComponentDetails {
  return {
    name: 'a',
    arn: 'arn',
    display_name: 'a',
    type: 'Training job',
    status: 'Completed',
    status_message: '',
    created: null,
    modified: null,
    started: null,
    ended: null,
    created_by: null,
    source_arn: null,
    source_kind: null,
    source_name: null,
    parameters: [],
    metrics: [],
    inputs: [],
    outputs: [],
    mappings: [],
    ...change
  };
}

describe('comparison', () => {
  it('marks what differs, and the lowest and highest of numbers', () => {
    const rows = differences([
      component({
        parameters: [
          { name: 'eta', value: 0.3 },
          { name: 'same', value: 1 }
        ]
      }),
      component({
        parameters: [
          { name: 'eta', value: 0.1 },
          { name: 'same', value: 1 },
          { name: 'extra', value: 'x' }
        ]
      })
    ]);
    const row = (name: string) => rows.find(each => each.name === name);
    expect(row('eta')).toMatchObject({ differs: true, high: 0, low: 1 });
    expect(row('same')).toMatchObject({ differs: false, high: null });
    expect(row('extra')).toMatchObject({ differs: true, values: [null, 'x'] });
  });
});

describe('graphs of the SDK', () => {
  it('reads the three kinds and nothing else', () => {
    const matrix = graphOf(
      '{"type":"ConfusionMatrix","title":"t","confusionMatrix":[[3,1],[0,4]]}'
    );
    expect(matrix).toMatchObject({
      matrix: [
        [3, 1],
        [0, 4]
      ]
    });
    const curve = graphOf(
      '{"type":"PrecisionRecallCurve","precision":[1,0.5],"recall":[0,1],"averagePrecisionScore":0.7,"noSkill":0.4}'
    );
    expect(curve).toMatchObject({ x: [0, 1], y: [1, 0.5], noSkill: 0.4 });
    for (const text of ['{}', 'null', '[1]', 'x', '{"type":"ROCCurve"}']) {
      expect(graphOf(text)).toBeNull();
    }
  });

  it('draws shares of the true label', () => {
    const words = new Proxy({}, { get: (_, key) => String(key) });
    const spec = graphSpec(
      {
        type: 'ConfusionMatrix',
        title: '',
        matrix: [
          [3, 1],
          [0, 0]
        ]
      },
      words as Parameters<typeof graphSpec>[1]
    );
    expect((spec.data as { values: object[] }).values[0]).toMatchObject({
      count: 3,
      share: 0.75
    });
  });
});

describe('lineage', () => {
  const node = (arn: string): LineageGraph['nodes'][number] => ({
    arn,
    kind: 'Artifact',
    type: 'DataSet',
    name: arn,
    source: null,
    created: null,
    opens: null,
    opens_name: null,
    start: false
  });
  const graph = (names: string, ...edges: string[]): LineageGraph => ({
    nodes: [...names].map(node),
    edges: edges.map(([source, target]) => ({
      source,
      target,
      type: 'Produced'
    })),
    truncated: false
  });

  it('stands from what was used to what came of it', () => {
    const { nodes, edges } = placed(graph('cbad', 'ab', 'bc', 'dc'));
    const x = Object.fromEntries(nodes.map(each => [each.node.arn, each.x]));
    expect(x.a).toBeLessThan(x.b);
    expect(x.b).toBeLessThan(x.c);
    expect(x.d).toBe(x.b);
    expect(edges).toHaveLength(3);
  });

  it('survives circles and links to nothing', () => {
    const { nodes, edges } = placed(graph('ab', 'ab', 'ba', 'az'));
    expect(nodes).toHaveLength(2);
    expect(edges).toHaveLength(2);
    expect(placed(graph('')).nodes).toEqual([]);
  });

  it('never puts two nodes on one place', () => {
    const names = 'abcdefghij';
    const { nodes } = placed(graph(names, 'ab', 'ac', 'bd', 'cd', 'de', 'fe'));
    const places = new Set(nodes.map(each => `${each.x},${each.y}`));
    expect(places.size).toBe(names.length);
  });
});

describe('pages', () => {
  it('finds itself again by its name', () => {
    const [label] = ['Two'];
    const page = { set: { names: ['a', 'b'] }, label };
    expect(readPage(pageName(page))).toEqual(page);
    expect(readPage('plain-name')).toBeNull();
    expect(readPage('{broken')).toBeNull();
  });

  it('takes names before a search before the row under the menu', () => {
    const row = { name: 'c' } as DOMStringMap;
    expect(setFrom({ search: {} }, ['a'], row)).toEqual({ names: ['a'] });
    expect(setFrom({ search: { Filters: [] } }, [], row)).toEqual({
      search: { Filters: [] }
    });
    expect(setFrom({}, [], row)).toEqual({ names: ['c'] });
    expect(setFrom({}, [], undefined)).toBeNull();
  });

  it('reads saved layouts that somebody edited', () => {
    expect(layoutsOf([{ name: 'x', charts: 3 }, { charts: [] }, 4])).toEqual([
      { name: 'x', charts: [] }
    ]);
    expect(layoutsOf('no')).toEqual([]);
  });
});

describe('export', () => {
  it('writes CSV that a spreadsheet does not run', () => {
    expect(csvOf([{ n: '=cmd()', x: 1, y: 'a,"b"' }])).toBe(
      'trialComponentName,x,y\n\'=cmd(),1,"a,""b"""'
    );
    expect(fileName('a v/s b: ü')).toBe('a-v-s-b-ü');
  });

  it('keeps artifacts from calling home', () => {
    expect(guarded('<p>x')).toMatch(/default-src 'none'.*<p>x$/);
  });
});

describe('brush', () => {
  it('names what it covers', () => {
    const rows = [
      { n: 'a', x: 1, y: 5 },
      { n: 'b', x: 3, y: 5 },
      { n: 'c', x: 1, y: 9 }
    ];
    expect(brushed(rows, { x: [2, 0], y: [4, 6] })).toEqual(new Set(['a']));
    expect(brushed(rows, { x: [1, 3] })?.size).toBe(3);
    expect(brushed(rows, null)).toBeNull();
  });
});
