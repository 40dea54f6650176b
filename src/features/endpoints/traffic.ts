/** Shares of the traffic in whole percent that always add up to 100; no React here. */

/** Whole percents of weights; they add up to 100. */
export function percents(weights: readonly number[]): number[] {
  return spread(100, weights);
}

/**
 * Moves one share and takes the difference from the others, in proportion to what they have.
 *
 * Shares that are held stay as they are; the moved one gets no more than they leave, and just what is left where every
 * other one is held.
 */
export function slide(
  shares: readonly number[],
  index: number,
  wanted: number,
  held: readonly boolean[] = []
): number[] {
  const kept = (at: number): boolean => at !== index && !!held[at];
  const room = 100 - sum(shares.filter((_, at) => kept(at)));
  const free = shares
    .map((_, at) => at)
    .filter(at => at !== index && !kept(at));
  const whole = Number.isFinite(wanted) ? Math.round(wanted) : 0;
  const value = free.length ? Math.min(room, Math.max(0, whole)) : room;
  const rest = spread(
    room - value,
    free.map(at => shares[at])
  );
  const next = [...shares];
  next[index] = value;
  free.forEach((at, place) => {
    next[at] = rest[place];
  });
  return next;
}

/** Whole numbers in proportion to `parts` that add up to `total`; equal ones where all parts are zero. */
export function spread(total: number, parts: readonly number[]): number[] {
  if (!parts.length) {
    return [];
  }
  const all = sum(parts);
  const exact = parts.map(part =>
    all > 0 ? (total * part) / all : total / parts.length
  );
  const whole = exact.map(Math.floor);
  const order = exact
    .map((value, at) => ({ at, left: value - Math.floor(value) }))
    .sort((one, other) => other.left - one.left || one.at - other.at);
  for (let missing = total - sum(whole), at = 0; missing > 0; missing--, at++) {
    whole[order[at % order.length].at]++;
  }
  return whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((before, value) => before + value, 0);
}
