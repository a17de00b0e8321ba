import { stepOf } from '../../protocol/summary.ts';
import { endedAtChance } from '../../protocol/chance.ts';
import { trainLoss } from '../../protocol/metrics.ts';
import type { HeldOutSearches } from '../../protocol/inference.ts';
import type { RunView } from '../../protocol/panel.ts';
import { comparisonTable } from '../comparison-table.ts';
import { findingText } from '../finding-text.ts';
import { escaped } from '../figures/svg.ts';
import { atChanceText, ofHowMany, statusWord, severityWord } from '../metric-words.ts';
import { bestAndLast, comparedMetrics, resultMetrics } from '../metric-values.ts';
import { counted, exactNumber } from '../../text/numbers.ts';
import { differingKeys, settingsOf } from '../compared-settings.ts';
import { settingText } from '../../text/settings.ts';
import { verdictOf } from '../verdict.ts';
import { comparisonFigures, curveFigures, runSwatch } from './report-figures.ts';
import { searchesHtml } from './searches-html.ts';
import { reportStyle } from './report-style.ts';
import { plural } from '../../text/words.ts';
import { engineText } from '../../text/engine-words.ts';
import { t, language } from '../../text/say.ts';

export interface ReportInput {
  title: string;
  /** With their curves. */
  runs: RunView[];
  /** Unix ms. */
  madeAt: number;
  /** The metric that settings are compared by; null: the most telling one there is. */
  metric: string | null;
  pick: 'best' | 'last';
  /** What a run's model finds among its held-out images; absent: no such section. */
  searches?: { run: string; found: HeldOutSearches } | undefined;
}

/** A report of some runs as one HTML file that needs nothing else: no script, no network; names and notes stand in it as text. */
export function reportHtml({ title, runs, madeAt, metric: wanted, pick, searches }: ReportInput): string {
  const metrics = comparedMetrics(runs);
  const hasLogs = runs.some(({ foreign }) => foreign);
  const shared = wanted ?? metrics[0] ?? (hasLogs ? null : trainLoss);
  const metric = shared ?? trainLoss;
  const keys = differingKeys(runs);
  const settings = settingsOf(runs, keys);
  const isComparison = settings.length > 1;
  const verdict = verdictOf(settings, shared, pick);
  return [
    '<!DOCTYPE html>',
    `<html lang="${language()}">`,
    '<head>',
    '<meta charset="UTF-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    `<style>${reportStyle}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1>${escaped(title)}</h1>`,
    `<p class="muted">${escaped(t('{0}, made {1} UTC', plural(runs.length, '{0} run', '{0} runs'), new Date(madeAt).toISOString().replace('T', ' ').slice(0, 16)))}</p>`,
    ...(isComparison
      ? [
          `<p class="verdict">${escaped(verdict.text)}</p>`,
          `<section><h2>${t('Settings')}</h2>`,
          tableHtml(comparisonTable(settings, keys, metric, pick), verdict.best?.key ?? null),
          '</section>',
          ...comparisonFigures(
            settings.filter(({ isLog }) => !isLog),
            keys,
            metric,
            pick,
          ),
        ]
      : []),
    `<section><h2>${t('Curves')}</h2>`,
    ...curveFigures(runs),
    '</section>',
    ...(searches ? searchesHtml(searches.found, searches.run) : []),
    `<section><h2>${t('Runs')}</h2>`,
    ...runs.map(runHtml),
    '</section>',
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function tableHtml({ columns, rows }: ReturnType<typeof comparisonTable>, best: string | null): string {
  const head = columns.map(({ title }) => `<th scope="col">${escaped(title)}</th>`).join('');
  const body = rows.map(({ setting, cells }) => {
    const isBest = setting.key === best;
    const written = cells.map(({ text }) => `<td>${escaped(text)}</td>`).join('');
    return `<tr${isBest ? ' class="best"' : ''}>${written}</tr>`;
  });
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

function valuesHtml(run: RunView): string {
  const values = bestAndLast(run);
  const rows = resultMetrics([run]).map((name) => {
    const metric = values[name]!;
    const { best, last, chance } = metric;
    const cells = [
      exactNumber(best),
      ofHowMany(name, metric) ?? '',
      exactNumber(last),
      chance ? exactNumber(chance.mean) : '',
    ];
    return `<tr><th scope="row">${escaped(name)}</th>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;
  });
  if (!rows.length) return '';
  const head = [t('metric'), t('best'), '', t('last'), t('chance')]
    .map((title) => `<th scope="col">${title}</th>`)
    .join('');
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

function runHtml(run: RunView): string {
  const { file, state } = run;
  const facts: [string, string][] = [
    [t('status'), statusWord(run.status) + (file?.reason ? `: ${file.reason}` : '')],
    ['id', file?.id ?? run.id],
  ];
  const step = stepOf(state, file);
  if (step)
    facts.push([
      t('steps'),
      file?.steps ? t('{0} of {1}', counted(step), counted(file.steps)) : counted(step),
    ]);
  if (file?.engine) facts.push([t('engine'), engineText(file.engine)]);
  if (endedAtChance(run.status, bestAndLast(run))) facts.push([t('result'), atChanceText()]);
  if (file?.git_commit) facts.push([t('git commit'), file.git_commit]);
  if (file?.note) facts.push([t('note'), file.note]);
  if (run.problem) facts.push([t('problem'), run.problem]);
  for (const note of state?.notes ?? []) facts.push([severityWord(note.severity), note.message]);
  for (const finding of state?.findings ?? [])
    facts.push([severityWord(finding.severity), findingText(finding)]);
  const settings = [
    ...Object.entries(run.settings).map(([key, value]): [string, string] => [key, settingText(value)]),
    ...(file?.engine ? [[t('why this engine'), file.engine.why] as [string, string]] : []),
  ].map(([key, value]) => `<tr><td>${escaped(key)}</td><td>${escaped(value)}</td></tr>`);
  return [
    `<article><h3>${runSwatch(run)} ${escaped(file?.title ?? run.label)}</h3>`,
    `<dl>${facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>`,
    valuesHtml(run),
    settings.length
      ? `<details><summary>${t('All settings')}</summary><table><tbody>${settings.join('\n')}</tbody></table></details>`
      : '',
    '</article>',
  ].join('\n');
}
