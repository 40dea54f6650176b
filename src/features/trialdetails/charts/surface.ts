/** Heat map and contour of two parameters: cells and what stands in them; no React here. */
import type { IRow } from './rows';

/** One rectangle with the mean of its components. */
export interface ICell {
  x: number;
  x2: number;
  y: number;
  y2: number;
  z: number;
  count: number;
}

const CELLS = 12;
const FINE = 36;
/** Neighbours that a point of the contour is weighed from. */
const NEAR = 8;

interface IPoint {
  x: number;
  y: number;
  z: number;
}

/** Rows whose three values are numbers. */
export function numbersOf(rows: readonly IRow[]): IPoint[] {
  return rows.filter(
    (row): row is IRow & IPoint =>
      typeof row.x === 'number' &&
      typeof row.y === 'number' &&
      typeof row.z === 'number'
  );
}

/** Cells of equal size (of equal ratio on a logarithmic axis) with the mean of the rows in them. */
export function heatCells(
  rows: readonly IRow[],
  logX: boolean,
  logY: boolean
): ICell[] {
  const points = numbersOf(rows);
  if (!points.length) {
    return [];
  }
  const across = edges(
    points.map(point => point.x),
    logX,
    CELLS
  );
  const up = edges(
    points.map(point => point.y),
    logY,
    CELLS
  );
  const cells = new Map<number, ICell>();
  for (const point of points) {
    const [i, j] = [across.find(point.x), up.find(point.y)];
    const key = i * 1000 + j;
    const cell = cells.get(key) ?? {
      x: across.at(i),
      x2: across.at(i + 1),
      y: up.at(j),
      y2: up.at(j + 1),
      z: 0,
      count: 0
    };
    cell.z += (point.z - cell.z) / ++cell.count;
    cells.set(key, cell);
  }
  return [...cells.values()];
}

/** Fine cells between the rows, each the mean of its nearest rows weighed by the square of their distance. */
export function contourCells(
  rows: readonly IRow[],
  logX: boolean,
  logY: boolean
): ICell[] {
  const all = numbersOf(rows);
  if (all.length < 3) {
    return [];
  }
  const step = Math.max(1, all.length / 1500);
  const points = Array.from(
    { length: Math.min(all.length, 1500) },
    (_, index) => all[Math.floor(index * step)]
  );
  const across = edges(
    points.map(point => point.x),
    logX,
    FINE
  );
  const up = edges(
    points.map(point => point.y),
    logY,
    FINE
  );
  const placed = points.map(point => ({
    x: across.place(point.x),
    y: up.place(point.y),
    z: point.z
  }));
  const cells: ICell[] = [];
  for (let i = 0; i < FINE; i++) {
    for (let j = 0; j < FINE; j++) {
      cells.push({
        x: across.at(i),
        x2: across.at(i + 1),
        y: up.at(j),
        y2: up.at(j + 1),
        z: weighed(placed, (i + 0.5) / FINE, (j + 0.5) / FINE),
        count: 0
      });
    }
  }
  return cells;
}

function weighed(points: readonly IPoint[], x: number, y: number): number {
  const near: { d: number; z: number }[] = [];
  for (const point of points) {
    const d = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (near.length < NEAR || d < near[near.length - 1].d) {
      let at = near.length;
      while (at > 0 && near[at - 1].d > d) {
        at--;
      }
      near.splice(at, 0, { d, z: point.z });
      near.length = Math.min(near.length, NEAR);
    }
  }
  let sum = 0;
  let weight = 0;
  for (const each of near) {
    const w = 1 / (each.d + 1e-4);
    sum += w * each.z;
    weight += w;
  }
  return sum / weight;
}

/** Borders of cells over some values. */
function edges(
  values: readonly number[],
  log: boolean,
  cells: number
): {
  at: (index: number) => number;
  find: (value: number) => number;
  place: (value: number) => number;
} {
  const to = log ? Math.log : (value: number): number => value;
  const back = log ? Math.exp : (value: number): number => value;
  let low = values.reduce((a, b) => Math.min(a, to(b)), Infinity);
  let high = values.reduce((a, b) => Math.max(a, to(b)), -Infinity);
  if (high <= low) {
    // One value: a cell around it.
    const half = Math.abs(low) * 0.05 || 0.5;
    [low, high] = [low - half, high + half];
  }
  const place = (value: number): number => (to(value) - low) / (high - low);
  return {
    at: index => back(low + ((high - low) * index) / cells),
    find: value => Math.min(cells - 1, Math.floor(place(value) * cells)),
    place
  };
}
