import { isEvaluated, shortMetric } from '../../protocol/metrics.ts';
import type { RunView } from '../../protocol/panel.ts';
import { byMetric, cardsOf } from '../cards.ts';
import type { CardSpec } from '../cards.ts';
import { curveFigure } from '../figures/curve-figure.ts';
import type { CurveFigureInput } from '../figures/curve-figure.ts';
import { heatFigure } from '../figures/heat-figure.ts';
import { parallelFigure } from '../figures/parallel-figure.ts';
import { linesOf, rateFigure } from '../figures/rate-figure.ts';
import { categoryCount, categoryOf, categoryOfRun } from '../colours.ts';
import { escaped, markupOf } from '../figures/svg.ts';
import type { SvgNode } from '../figures/svg.ts';
import { clippedShare } from '../norms.ts';
import { percent } from '../../text/numbers.ts';
import { settingName } from '../../text/settings.ts';
import { referencesOf } from '../reference.ts';
import type { Setting } from '../compared-settings.ts';
import { t } from '../../text/say.ts';

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
  const name = (each: string): string => settingName(each, keys);
  const named = (each: string) => ({ key: each, name: name(each) });
  const short = shortMetric(metric);
  const lines = linesOf(settings, key);
  const figures = [
    figure(
      t('{0} against {1}', short, name(key)),
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
    const drawn = { settings, keys: keys.slice(0, 8).map(named), metric, pick, ...size };
    figures.push(
      figure(t('{0} by all that differs', short), parallelFigure({ ...drawn, colourOf: partColour }), []),
    );
  }
  return [`<section><h2>${t('Comparison')}</h2><div class="grid">`, ...figures, '</div></section>'];
}

/** Curves of all runs: one run's metrics stand together as in the panel; of several, each metric has a picture and each run its own colour. */
export function curveFigures(runs: RunView[]): string[] {
  const drawable = runs.filter((run) => run.state?.series.size);
  const cards = cardsOf(drawable).filter(({ id }) => !/^(clip_factor|data_wait|mean_cosine)$/.test(id));
  const [only] = drawable;
  if (only && drawable.length === 1)
    return ['<div class="grid">', ...cards.map((card) => figureOfRun(card, only)), '</div>'];
  const key = drawable.map((run) => ({ label: run.file?.title ?? run.label, colour: colourOf(run) }));
  const figures = byMetric(cards).flatMap((card) =>
    card.metrics.map(({ name }) => {
      const curves = drawable.flatMap((run) => {
        const series = run.state!.series.get(name);
        return series?.length ? [{ label: run.label, metric: name, colour: colourOf(run), series }] : [];
      });
      return figure(
        titleOf(card),
        curveFigure({ ...looks(card, name, drawable), name, curves, ...size }),
        [],
      );
    }),
  );
  return [keyHtml(key), '<div class="grid">', ...figures, '</div>'];
}

/** As in the explorer and the panel. */
const colourOf = ({ id, file }: RunView): string => file?.colour ?? category(categoryOfRun(id, file?.sweep));

function figureOfRun(card: CardSpec, run: RunView): string {
  const curves = card.metrics.flatMap(({ name, label }, index) => {
    const series = run.state!.series.get(name);
    const isExact = isEvaluated(name);
    const colour = category(categoryOf(label, index));
    return series?.length ? [{ label, metric: name, colour, series, isExact }] : [];
  });
  const drawing = curveFigure({
    ...looks(card, card.metrics[0]!.name, [run]),
    name: card.title,
    curves,
    ...size,
  });
  const share = card.id === 'grad_norm' && run.state ? clippedShare(run.state) : null;
  const note = share === null ? '' : `; ${t('{0} of steps clipped', percent(share))}`;
  return figure(titleOf(card) + note, drawing, curves.length > 1 ? curves : []);
}

const category = (index: number | null): string =>
  index === null ? 'var(--category-none)' : `var(--category-${index % categoryCount})`;

const titleOf = ({ title, unit }: CardSpec): string => title + (unit ? t(', {0}', unit) : '');

function looks(
  card: CardSpec,
  name: string,
  runs: RunView[],
): Pick<CurveFigureInput, 'isLog' | 'smoothing' | 'references' | 'marks' | 'yName'> {
  const isMeasured = !isEvaluated(name) && !/learning_rate/.test(name);
  const marks = runs.flatMap((run) =>
    (run.state?.marks ?? [])
      .filter(({ kind }) => kind === 'diverged' || kind === 'failed')
      .map(({ step, text }) => ({ x: step, text: `${run.label}: ${text}` })),
  );
  return {
    isLog: card.isLog,
    smoothing: isMeasured ? 0.6 : 0,
    references: referencesOf(card, runs),
    marks,
    yName: card.unit,
  };
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
        .map(({ label, colour }) => `<span>${swatch(colour)} ${escaped(label)}</span>`)
        .join('')}</p>`;

const swatch = (colour: string): string =>
  `<svg width="18" height="8" viewBox="0 0 18 8" aria-hidden="true"><line x1="0" y1="4" x2="18" y2="4" stroke="${colour}" stroke-width="2.5"/></svg>`;

/** A run's colour as it stands before its name. */
export const runSwatch = (run: RunView): string => swatch(colourOf(run));
