/** Places a lineage graph: what was used on the left, what came of it on the right; no React here. */
import type {
  LineageEdge,
  LineageGraph,
  LineageNode
} from '../../../api/generated';

export const NODE = { width: 190, height: 52 };
const GAP = { x: 70, y: 22 };
const SWEEPS = 6;

/** A node with its place in pixels. */
export interface IPlaced {
  node: LineageNode;
  x: number;
  y: number;
}

export interface ILayoutGraph {
  nodes: IPlaced[];
  /** Lines from the right side of one node to the left side of another. */
  edges: { edge: LineageEdge; path: string; x: number; y: number }[];
  width: number;
  height: number;
}

/** The layered drawing of a graph; edges that go round in a circle count once. */
export function placed(graph: LineageGraph): ILayoutGraph {
  const layers = layersOf(graph);
  order(layers, graph.edges);
  const tallest = layers.reduce((most, each) => Math.max(most, each.length), 0);
  const height = Math.max(1, tallest) * (NODE.height + GAP.y) - GAP.y;
  const nodes: IPlaced[] = [];
  layers.forEach((layer, column) => {
    const own = layer.length * (NODE.height + GAP.y) - GAP.y;
    layer.forEach((node, row) =>
      nodes.push({
        node,
        x: column * (NODE.width + GAP.x),
        y: (height - own) / 2 + row * (NODE.height + GAP.y)
      })
    );
  });
  const places = new Map(nodes.map(each => [each.node.arn, each]));
  return {
    nodes,
    edges: graph.edges.flatMap(edge => {
      const from = places.get(edge.source);
      const to = places.get(edge.target);
      return from && to ? [line(edge, from, to)] : [];
    }),
    width: Math.max(1, layers.length) * (NODE.width + GAP.x) - GAP.x,
    height
  };
}

function line(
  edge: LineageEdge,
  from: IPlaced,
  to: IPlaced
): ILayoutGraph['edges'][number] {
  const [x1, y1] = [from.x + NODE.width, from.y + NODE.height / 2];
  const [x2, y2] = [to.x - 4, to.y + NODE.height / 2];
  const bend = Math.max(24, Math.abs(x2 - x1) / 2);
  return {
    edge,
    path: `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`,
    x: (x1 + x2) / 2,
    y: (y1 + y2) / 2
  };
}

/** Nodes by the length of the longest way to them. */
function layersOf(graph: LineageGraph): LineageNode[][] {
  const into = new Map<string, string[]>();
  for (const { source, target } of graph.edges) {
    into.set(target, [...(into.get(target) ?? []), source]);
  }
  const depth = new Map<string, number>();
  const open = new Set<string>();
  const depthOf = (arn: string): number => {
    const known = depth.get(arn);
    if (known !== undefined) {
      return known;
    }
    if (open.has(arn)) {
      return 0;
    }
    open.add(arn);
    const found = (into.get(arn) ?? []).reduce(
      (most, source) => Math.max(most, depthOf(source) + 1),
      0
    );
    open.delete(arn);
    depth.set(arn, found);
    return found;
  };
  const layers: LineageNode[][] = [];
  for (const node of graph.nodes) {
    const at = depthOf(node.arn);
    (layers[at] ??= []).push(node);
  }
  const found = Array.from(layers, each => each ?? []).filter(
    each => each.length
  );
  pullRight(found, graph.edges);
  return found.filter(each => each.length);
}

/** What is used late stands beside its use, not far left. */
function pullRight(
  layers: LineageNode[][],
  edges: readonly LineageEdge[]
): void {
  const at = new Map(
    layers.flatMap((layer, index) =>
      layer.map(node => [node.arn, index] as const)
    )
  );
  for (let index = layers.length - 2; index >= 0; index--) {
    for (const node of [...layers[index]]) {
      const next = edges
        .filter(edge => edge.source === node.arn)
        .map(edge => at.get(edge.target) ?? 0)
        .filter(target => target > index);
      const wanted = next.length ? Math.min(...next) - 1 : index;
      if (wanted > index) {
        layers[index].splice(layers[index].indexOf(node), 1);
        layers[wanted].push(node);
        at.set(node.arn, wanted);
      }
    }
  }
}

/** Fewer crossings: each node near the middle of its neighbours, some sweeps there and back. */
function order(layers: LineageNode[][], edges: readonly LineageEdge[]): void {
  const near = new Map<string, string[]>();
  for (const { source, target } of edges) {
    near.set(source, [...(near.get(source) ?? []), target]);
    near.set(target, [...(near.get(target) ?? []), source]);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const rows = new Map(
      layers.flatMap(layer =>
        layer.map((node, row) => [node.arn, row / layer.length] as const)
      )
    );
    for (const layer of sweep % 2 ? [...layers].reverse() : layers) {
      const weight = (node: LineageNode): number => {
        const all = near.get(node.arn) ?? [];
        return all.length
          ? all.reduce((sum, arn) => sum + (rows.get(arn) ?? 0), 0) / all.length
          : 0;
      };
      const weights = new Map(layer.map(node => [node.arn, weight(node)]));
      layer.sort(
        (a, b) => (weights.get(a.arn) ?? 0) - (weights.get(b.arn) ?? 0)
      );
      layer.forEach((node, row) => rows.set(node.arn, row / layer.length));
    }
  }
}
