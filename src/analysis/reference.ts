import { shortNumber } from '../text/numbers.ts';
import type { RunView } from '../protocol/panel.ts';
import type { CardSpec } from './cards.ts';

/** The line that a card's curves are read against, when all its runs agree on it. */
export function referenceOf(card: CardSpec, runs: RunView[]): { value: number; text: string } | null {
  const started = runs.map((run) => run.state?.started).filter((each) => each !== null && each !== undefined);
  if (!started.length) return null;
  if (card.reference === 'chance') {
    const sizes = new Set(started.map(({ batch_size }) => batch_size));
    const size = sizes.size === 1 ? started[0]!.batch_size : 0;
    // Guessing among the batch: every caption as likely as any other.
    return size > 1 ? { value: Math.log(size), text: `chance ln ${size}` } : null;
  }
  if (card.reference === 'clip') {
    const norms = new Set(started.map(({ clip_norm }) => clip_norm));
    const norm = started[0]!.clip_norm;
    return norms.size === 1 && norm ? { value: norm, text: `clip ${shortNumber(norm)}` } : null;
  }
  return null;
}
