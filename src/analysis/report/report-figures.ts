import type { RunView } from '../../protocol/panel.ts';
import { curveFigure } from '../figures/curve-figure.ts';
import type { CurveFigureInput } from '../figures/curve-figure.ts';
import { heatFigure } from '../figures/heat-figure.ts';
import { parallelFigure } from '../figures/parallel-figure.ts';
import { linesOf, rateFigure } from '../figures/rate-figure.ts';
import { escaped, markupOf } from '../figures/svg.ts';
import type { SvgNode } from '../figures/svg.ts';
import { shortKey } from '../settings.ts';
import type { Setting } from '../settings.ts';

const size = { width: 520, height: 300 };

/** A colour between the worst and the best: one of 21, so that a theme can name each. */
const partColour = (part: number): string => `var(--part-${Math.round(20 * part)})`;

/** Of lines from the smallest to the largest value, spread over the same 21 colours. */
const lineColour = (place: number, count: number): string => partColour(count > 1 ? place / (count - 1) : 1);

/** The metric against what was swept. */
export function comparisonFigures(
  settings: Setting[],
  keys: string[],
  metric: string,
  pick: 'best' | 'last',
): string[] {
  const key = keys.find((each) => /learning_rate/.test(each)) ?? keys[0];
  if (!key) return [];
  const name = (each: string): string =>
    /learning_rate/.test(each) ? `${shortKey(each)} rate` : shortKey(each, keys);
  const named = (each: string) => ({ key: each, name: name(each) });
  const short = metric.replace(/^val\//, '');
  const lines = linesOf(settings, key);
  const figures = [
    figure(
      `${short} against ${name(key)}`,
      rateFigure({ settings, key, keyName: name(key), metric, pick, ...size, colourOf: lineColour }),
      lines.length > 1
        ? lines.map((line, place) => ({ label: line.name, colour: lineColour(place, lines.length) }))
        : [],
    ),
  ];
  const second = keys.find((each) => each !== key);
  if (keys.length === 2 && second)
    figures.push(
      figure(
        `${name(key)} × ${name(second)}`,
        heatFigure({ settings, x: named(key), y: named(second), metric, pick, ...size }),
        [],
      ),
    );
  if (keys.length > 2) {
    const drawn = {
      settings,
      keys: keys.slice(0, 8).map(named),
      metric,
      pick,
      ...size,
      colourOf: partColour,
    };
    figures.push(figure(`${short} by all that differs`, parallelFigure(drawn), []));
  }
  return ['<section><h2>Comparison</h2><div class="grid">', ...figures, '</div></section>'];
}

/** Curves of all runs, one picture a metric: coloured by run, or by setting when there are several of one. */
export function curveFigures(runs: RunView[], settings: Setting[], keys: string[]): string[] {
  const drawable = runs.filter((run) => run.state?.series.size);
  const names = [...new Set(drawable.flatMap((run) => [...run.state!.series.keys()]))].filter(isWorthDrawing);
  const isBySetting = settings.length > 1 && keys.length > 0;
  const placeOf = (run: RunView): number =>
    settings.findIndex(({ runs: members }) => members.some(({ id }) => id === run.id));
  const colourOf = (run: RunView, index: number): string =>
    isBySetting ? lineColour(placeOf(run), settings.length) : `var(--category-${index % 28})`;
  const key = isBySetting
    ? settings.map(({ label }, place) => ({ label, colour: lineColour(place, settings.length) }))
    : drawable.map((run, index) => ({ label: run.file?.title ?? run.label, colour: colourOf(run, index) }));
  const figures = names.map((name) => {
    const curves = drawable.flatMap((run, index) => {
      const series = run.state!.series.get(name);
      return series?.length ? [{ label: run.label, colour: colourOf(run, index), series }] : [];
    });
    return figure(name, curveFigure({ ...looks(name, drawable), name, curves, ...size }), []);
  });
  return [keyHtml(key.slice(0, 40)), '<div class="grid">', ...figures, '</div>'];
}

const isWorthDrawing = (name: string): boolean => !/^train\/(epoch|clip_factor|data_wait)$/.test(name);

function looks(
  name: string,
  runs: RunView[],
): Pick<CurveFigureInput, 'isLog' | 'smoothing' | 'reference' | 'marks'> {
  const isLog = /grad_norm|learning_rate/.test(name);
  const isMeasured = !/^val\/|learning_rate/.test(name);
  const sizes = new Set(runs.map((run) => run.state?.started?.batch_size ?? 0));
  const batch = sizes.size === 1 ? [...sizes][0]! : 0;
  const reference =
    name === 'train/loss' && batch > 1 ? { value: Math.log(batch), text: `chance ln ${batch}` } : null;
  const marks = runs.flatMap((run) =>
    (run.state?.marks ?? [])
      .filter(({ kind }) => kind === 'diverged' || kind === 'failed')
      .map(({ step, text }) => ({ step, text: `${run.label}: ${text}` })),
  );
  return { isLog, smoothing: isMeasured ? 0.6 : 0, reference, marks };
}

interface Key {
  label: string;
  colour: string;
}

const figure = (title: string, drawing: SvgNode, key: Key[]): string =>
  `<figure><figcaption>${escaped(title)}</figcaption>${markupOf(drawing)}${keyHtml(key)}</figure>`;

const keyHtml = (key: Key[]): string =>
  key.length === 0
    ? ''
    : `<p class="key">${key
        .map(
          ({ label, colour }) =>
            `<span><svg width="18" height="8" viewBox="0 0 18 8" aria-hidden="true"><line x1="0" y1="4" x2="18" y2="4" stroke="${colour}" stroke-width="2.5"/></svg> ${escaped(label)}</span>`,
        )
        .join('')}</p>`;
