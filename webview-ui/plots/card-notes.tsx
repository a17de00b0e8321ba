import type { VNode } from 'preact';
import type { CardSpec } from '../../src/analysis/cards.ts';
import { clippedShare } from '../../src/analysis/norms.ts';
import { learningRate } from '../../src/protocol/metrics.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { percent } from '../../src/text/numbers.ts';
import { plural } from '../../src/text/words.ts';
import { t } from '../../src/text/say.ts';
import { Term } from '../controls/term.tsx';
import type { PlotCurve } from './curves.ts';
import { notPositive } from './series-facts.ts';

interface CardNotesProps {
  card: CardSpec;
  runs: RunView[];
  curves: PlotCurve[];
  isLog: boolean;
}

/** Under a plot: what it cannot show, and how much was clipped. */
export function CardNotes({ card, runs, curves, isLog }: CardNotesProps): VNode | null {
  const dropped = isLog
    ? curves
        .filter(({ metric }) => !mayBeZero(metric))
        .reduce((sum, { track }) => sum + notPositive(track.series).count, 0)
    : 0;
  const [only] = runs;
  const share = card.id === 'grad_norm' && runs.length === 1 && only?.state ? clippedShare(only.state) : null;
  if (!dropped && share === null) return null;
  return (
    <p class="card-note muted">
      {dropped > 0 &&
        plural(
          dropped,
          '{0} value of zero or below not shown on the log axis',
          '{0} values of zero or below not shown on the log axis',
        )}
      {dropped > 0 && share !== null && ' · '}
      {share !== null && <Term of="clipped">{t('{0} of steps clipped', percent(share))}</Term>}
    </p>
  );
}

/** A schedule begins and ends at zero: that its log axis does not show it surprises nobody. */
const mayBeZero = (metric: string): boolean => metric.startsWith(learningRate(''));
