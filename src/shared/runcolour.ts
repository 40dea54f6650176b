/** One colour a run, the same in tables and charts. */

const PALETTE = [
  '#4c78a8',
  '#f58518',
  '#54a24b',
  '#e45756',
  '#72b7b2',
  '#b279a2',
  '#9d755d',
  '#eeca3b',
  '#ff9da6',
  '#439894',
  '#83bcb6',
  '#79706e',
  '#d67195',
  '#88d27a',
  '#9ecae9',
  '#bab0ac'
];

const KEY = 'smstudio-ext:run-colours';
const MOST = 2000;

let chosen: Map<string, string> | null = null;

/** The colour of a run: the one that somebody chose, else one that its name always gets. */
export function runColour(name: string): string {
  return kept().get(name) ?? PALETTE[hash(name) % PALETTE.length];
}

/** Chooses the colour of a run; null goes back to the name's own. */
export function setRunColour(name: string, colour: string | null): void {
  const colours = kept();
  colours.delete(name);
  if (colour) {
    colours.set(name, colour);
  }
  while (colours.size > MOST) {
    colours.delete(colours.keys().next().value as string);
  }
  try {
    window.localStorage.setItem(KEY, JSON.stringify([...colours]));
  } catch {
    // Storage that is full or switched off: the colour lasts until the reload.
  }
}

function kept(): Map<string, string> {
  if (!chosen) {
    try {
      const text = window.localStorage.getItem(KEY);
      chosen = new Map(text ? (JSON.parse(text) as [string, string][]) : []);
    } catch {
      chosen = new Map();
    }
  }
  return chosen;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
