import type { Theme } from '../model/theme.ts';
import type { Plot } from './chart.ts';
import { thinCurves } from './curves.ts';
import type { PlotCurve } from './curves.ts';
import { sparse } from './marks.ts';
import type { PlacedMark } from './marks.ts';
import type { PlotSettings } from './settings.ts';
import type { XAxisName } from './x-axis.ts';
import { yRangeOf } from './y-range.ts';

export interface CardInput {
  curves: PlotCurve[];
  marks: PlacedMark[];
  reference: { value: number; text: string } | null;
  theme: Theme;
  isLog: boolean;
  axis: XAxisName;
  range: [number, number];
  extent: [number, number];
  settings: PlotSettings;
}

/** Brings the curves' tracks up to date and draws; false when the deadline came first. */
export function drawCard(plot: Plot, input: CardInput, deadline: number): boolean {
  const { curves, range, extent, isLog, settings, reference, theme, axis } = input;
  for (const { track, isHidden } of curves)
    if (!isHidden && !track.follow(settings.smoothing, isLog, deadline)) return false;
  const width = plot.width();
  thinCurves(curves, range, width);
  const y =
    yRangeOf(curves, range, isLog, settings.ignoreOutliers, reference?.value ?? null) ??
    (isLog ? [0.1, 10] : [0, 1]);
  const marks = sparse(input.marks, range[0], range[1], ((range[1] - range[0]) / Math.max(1, width)) * 6);
  plot.draw({
    curves,
    marks,
    reference,
    theme,
    isLog,
    axis,
    x: range,
    y: y as [number, number],
    limits: extent,
  });
  return true;
}
