import type { VNode } from 'preact';
import { exactText, valueText } from '../../src/analysis/metric-words.ts';
import type { PlotCurve } from './curves.ts';
import { cursorX, plotSettings, pointed } from './plot-settings.ts';
import { placeOf } from './track.ts';
import { t } from '../../src/text/say.ts';

interface LegendProps {
  curves: PlotCurve[];
  onToggle: (curve: PlotCurve) => void;
}

/** What the lines are, with values where the crosshair is (else the last ones). A line is switched off by its name. */
export function Legend({ curves, onToggle }: LegendProps): VNode {
  // The values of several runs at the crosshair stand beside it: here, in fifty buttons, they would hold it up.
  // Of several runs, dashes tell the metrics apart; of one they only let others show through.
  const isOneRun = curves.every(({ run }) => run === curves[0]!.run);
  const x = isOneRun ? cursorX.value : null;
  const isSmooth = plotSettings.value.smoothing > 0;
  return (
    <div class="legend">
      {curves.map((curve) => {
        const index = placeOf(curve, x);
        const value = curve.track.series.values[index];
        return (
          <button
            key={curve.key}
            type="button"
            class="legend-item"
            aria-pressed={!curve.isHidden}
            title={curve.isHidden ? t('Show {0}', curve.label) : t('Hide {0}', curve.label)}
            onClick={() => onToggle(curve)}
            onMouseEnter={() => (pointed.value = curve.group)}
            onMouseLeave={() => (pointed.value = null)}
            onFocus={() => (pointed.value = curve.group)}
            onBlur={() => (pointed.value = null)}
          >
            <Swatch colour={curve.colour} dash={isOneRun ? [] : curve.dash} />
            <span class="legend-label">{curve.label}</span>
            <span class="number" title={value === undefined ? undefined : exactText(curve.metric, value)}>
              {valueText(curve.metric, value)}
            </span>
            {isSmooth && curve.smooth && x !== null && (
              <span class="muted number">~{valueText(curve.metric, curve.track.smoothedAt(index))}</span>
            )}
          </button>
        );
      })}
    </div>
  );
}

export const Swatch = ({ colour, dash = [] }: { colour: string; dash?: number[] }): VNode => (
  <svg class="swatch" viewBox="0 0 18 8" width="18" height="8" aria-hidden="true">
    <line x1="0" y1="4" x2="18" y2="4" stroke={colour} stroke-width="2.5" stroke-dasharray={dash.join(' ')} />
  </svg>
);
