import type { Coverage } from './curve-layer.ts';

/**
 * Adds a line from one point to another, `width` wide with round ends, to what is covered; in pixels of the coverage. Where lines of
 * one curve meet, a pixel is covered by the one that covers more of it: a joint is no darker than the rest.
 */
export function coverLine(
  { width: columns, height, share, highest, lowest }: Coverage,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  width: number,
): void {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length = Math.hypot(dx, dy);
  // A pixel whose middle is so far from the line is not touched; one that is a whole pixel nearer is covered.
  const reach = width / 2 + 0.5;
  const ex = length > 0 ? dx / length : 1;
  const ey = length > 0 ? dy / length : 0;
  // How far up and down a column is touched beside the line itself.
  const tall = Math.abs(ex) > 1e-3 ? reach / Math.abs(ex) : Infinity;
  const slope = dx !== 0 ? dy / dx : 0;
  const low = Math.min(y0, y1) - reach;
  const high = Math.max(y0, y1) + reach;
  const lastColumn = Math.min(columns - 1, Math.floor(Math.max(x0, x1) + reach - 0.5));
  for (let column = Math.max(0, Math.ceil(Math.min(x0, x1) - reach - 0.5)); column <= lastColumn; column++) {
    const px = column + 0.5 - x0;
    const middle = y0 + px * slope;
    const first = Math.max(0, Math.ceil(Math.max(low, middle - tall) - 0.5));
    const last = Math.min(height - 1, Math.floor(Math.min(high, middle + tall) - 0.5));
    if (last < first) continue;
    if (first < highest[column]!) highest[column] = first;
    if (last + 1 > lowest[column]!) lowest[column] = last + 1;
    for (let row = first, at = column * height + first; row <= last; row++, at++) {
      const py = row + 0.5 - y0;
      const along = px * ex + py * ey;
      const beside = px * ey - py * ex;
      const beyond = along < 0 ? along : along > length ? along - length : 0;
      const distance = beyond === 0 ? Math.abs(beside) : Math.sqrt(beyond * beyond + beside * beside);
      const covered = reach - distance;
      if (covered > share[at]!) share[at] = covered < 1 ? covered : 1;
    }
  }
}
