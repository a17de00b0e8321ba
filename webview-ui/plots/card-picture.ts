import type { CardSpec } from '../../src/analysis/cards.ts';
import { curveFigure } from '../../src/analysis/figures/curve-figure.ts';
import { nameForFile } from '../controls/picture-dialog.tsx';
import type { WantedPicture } from '../controls/picture-dialog.tsx';
import { isNoisy } from './curves.ts';
import type { PlotCurve } from './curves.ts';
import type { CardInput } from './draw-card.ts';
import { axisName, xTicks, xWords } from './x-axis.ts';
import { yRangeOf } from './y-range.ts';

/** A card's curves as a picture: what is seen of them, with the axes' names, a title and what the lines are. */
export function cardPicture(card: CardSpec, input: CardInput, range: [number, number]): WantedPicture {
  const { axis, isLog, settings, references } = input;
  const shown = input.curves.filter(({ isHidden }) => !isHidden);
  const y = yRangeOf(shown, range, isLog, settings.ignoreOutliers, references);
  const marks = input.marks
    .filter(({ kind }) => kind === 'diverged' || kind === 'failed')
    .map(({ x, text }) => ({ x, text }));
  return {
    title: card.title,
    key: shown.map(({ label, colour, dash }) => ({ label, colour, ...dashed(dash) })),
    fileName: nameForFile(card.id),
    draw: (width, height) =>
      curveFigure({
        name: card.title,
        yName: card.unit || card.metrics.map(({ name }) => name).join(', '),
        curves: shown.map(figureCurve),
        x: {
          name: axisName(axis),
          range,
          ticks: xTicks(axis, range[0], range[1], Math.max(2, width / 90)),
          text: (x) => xWords(axis, x),
        },
        ...(y ? { y } : {}),
        isLog,
        smoothing: settings.smoothing,
        references,
        marks,
        width,
        height,
      }),
  };
}

const figureCurve = ({ label, colour, dash, metric, track, x }: PlotCurve) => ({
  label,
  metric,
  colour,
  series: track.series,
  isExact: !isNoisy(metric),
  at: { column: track.x(x.column), scale: x.scale, offset: x.offset },
  ...dashed(dash),
});

const dashed = (dash: number[]): { dash?: string } => (dash.length ? { dash: dash.join(' ') } : {});
