import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import { exactText, valueText } from '../../src/analysis/metric-words.ts';
import type { PlotCurve } from './curves.ts';
import { useLater } from './later.ts';
import { cursorX, plotSettings, pointed } from './plot-settings.ts';
import { placeOf } from './track.ts';
import { t } from '../../src/text/say.ts';

interface LegendProps {
  curves: PlotCurve[];
  onToggle: (curve: PlotCurve) => void;
}

/** Rows of names that a legend has room for, see `.legend`; the others are scrolled to. */
const rows = 3;

/** No fewer names than are in sight in a plot of usual width: the others are put there when there is time. */
function namesInSight(curves: PlotCurve[]): number {
  const shortest = Math.min(...curves.map(({ label }) => label.length));
  return Math.ceil((rows * Math.min(innerWidth, 700)) / (80 + 5 * shortest));
}

/** What the lines are, with values where the crosshair is (else the last ones). A line is switched off by its name. */
export function Legend({ curves, onToggle }: LegendProps): VNode {
  const inSight = namesInSight(curves);
  const shown = useLater(curves.length <= inSight) ? curves : curves.slice(0, inSight);
  const root = useRef<HTMLDivElement>(null);
  /** One listener for all names: that of what an event is about. */
  const curveOf = ({ target }: Event): PlotCurve | undefined => {
    const item = target instanceof Element && target.closest('.legend-item');
    return item ? shown[[...(root.current?.children ?? [])].indexOf(item)] : undefined;
  };
  const point = (event: Event): void => {
    pointed.value = curveOf(event)?.group ?? null;
  };
  const leave = (): void => {
    pointed.value = null;
  };
  // The values of several runs at the crosshair stand beside it: here, in fifty buttons, they would hold it up.
  // Of several runs, dashes tell the metrics apart; of one they only let others show through.
  const isOneRun = curves.every(({ run }) => run === curves[0]!.run);
  const x = isOneRun ? cursorX.value : null;
  const isSmooth = plotSettings.value.smoothing > 0;
  return (
    <div
      class="legend"
      ref={root}
      onClick={(event) => {
        const curve = curveOf(event);
        if (curve) onToggle(curve);
      }}
      onMouseOver={point}
      onMouseLeave={leave}
      onFocusIn={point}
      onFocusOut={leave}
    >
      {shown.map((curve) => {
        const index = placeOf(curve, x);
        const value = curve.track.series.values[index];
        return (
          <button
            key={curve.key}
            type="button"
            class="legend-item"
            aria-pressed={!curve.isHidden}
            title={curve.isHidden ? t('Show {0}', curve.label) : t('Hide {0}', curve.label)}
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

/** A piece of a line. Not a drawing of its own: fifty legends of them would be most of what the browser lays out. */
export const Swatch = ({ colour, dash = [] }: { colour: string; dash?: number[] }): VNode => (
  <span class="swatch" style={{ backgroundImage: lineImage(colour, dash) }} aria-hidden="true" />
);

function lineImage(colour: string, dash: number[]): string {
  if (colour === 'none') return 'none';
  if (!dash.length) return `linear-gradient(${colour}, ${colour})`;
  let at = 0;
  const stops = dash.map(
    (length, index) => `${index % 2 ? 'transparent' : colour} ${at}px ${(at += length)}px`,
  );
  return `repeating-linear-gradient(90deg, ${stops.join(', ')})`;
}
