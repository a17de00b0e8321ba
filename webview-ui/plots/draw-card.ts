import { axisText } from '../../src/analysis/metric-words.ts';
import type { Reference } from '../../src/analysis/reference.ts';
import type { Theme } from '../model/theme.ts';
import type { Plot } from './chart.ts';
import { isNoisy, thinCurves } from './curves.ts';
import type { PlotCurve } from './curves.ts';
import { sparse } from './marks.ts';
import type { PlacedMark } from './marks.ts';
import { pointed } from './plot-settings.ts';
import type { PlotSettings } from './plot-settings.ts';
import type { XAxisName } from './x-axis.ts';
import { yRangeOf } from './y-range.ts';

export interface CardInput {
  curves: PlotCurve[];
  marks: PlacedMark[];
  references: Reference[];
  theme: Theme;
  isLog: boolean;
  axis: XAxisName;
  /** The whole x range, of which a part is drawn. */
  extent: [number, number];
  settings: PlotSettings;
}

/** Brings what is drawn of the curves up to date; false when the deadline came first. */
function followCurves({ curves, settings, isLog }: CardInput, deadline: number): boolean {
  return curves.every(({ track, band, metric, isHidden }) => {
    if (isHidden) return true;
    const smoothing = isNoisy(metric) ? settings.smoothing : 0;
    return [track, ...(band ? [band.low, band.high] : [])].every((each) =>
      each.follow(smoothing, isLog, deadline),
    );
  });
}

/** Draws the curves' part in `range`; false when the deadline came before they were up to date. */
export function drawCard(plot: Plot, input: CardInput, range: [number, number], deadline: number): boolean {
  const { curves, extent, isLog, settings, references, theme, axis } = input;
  if (!followCurves(input, deadline)) return false;
  const width = plot.width();
  thinCurves(curves, range, width);
  const y =
    yRangeOf(curves, range, isLog, settings.ignoreOutliers, references) ?? (isLog ? [0.1, 10] : [0, 1]);
  const marks = sparse(input.marks, range[0], range[1], (range[1] - range[0]) / Math.max(1, width));
  plot.draw({
    curves,
    pointed: pointed.peek(),
    marks,
    references,
    theme,
    isLog,
    axis,
    x: range,
    y: y,
    limits: extent,
    text: axisText(curves.map(({ metric }) => metric)),
  });
  return true;
}
