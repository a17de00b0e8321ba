import { tableLines } from '../../src/launcher/cli/table.ts';
import type { RunEntry } from '../../src/launcher/run-entry.ts';
import { recallAt } from '../../src/protocol/metrics.ts';
import { shortNumber } from '../../src/text/numbers.ts';
import { settingText } from '../../src/text/settings.ts';

const ks = [1, 5, 10];
const directions = ['image_to_text', 'text_to_image'] as const;

/** The demo's outcome: a row per setting, a row for chance, and which setting is best. */
export function comparison(entries: RunEntry[], valPairs: number): string[] {
  const header = [
    'image rate',
    'text rate',
    'status',
    'loss',
    ...ks.map((k) => `words@${k}`),
    ...ks.map((k) => `picture@${k}`),
  ];
  const rows = entries.map((entry) => [
    rateOf(entry, 'image'),
    rateOf(entry, 'text'),
    entry.status,
    shortNumber(entry.summary['train/loss']?.last),
    ...directions.flatMap((direction) =>
      ks.map((k) => shortNumber(entry.summary[recallAt(k, direction)]?.last)),
    ),
  ]);
  const chance = ks.map((k) => shortNumber(k / valPairs));
  const lines = [
    `Recall of the words of a picture among ${valPairs} (words@K), and of the picture of some words (picture@K):`,
    '',
    ...tableLines(header, [...rows, ['', 'chance', '', shortNumber(Math.log(64)), ...chance, ...chance]]),
  ];
  const best = [...entries].sort((a, b) => score(b) - score(a))[0];
  if (best && score(best) > 0)
    lines.push(
      '',
      `Best: text rate ${rateOf(best, 'text')}, with recall@10 ${shortNumber(score(best))} on pictures never seen (${(score(best) / (10 / valPairs)).toFixed(0)} times chance).`,
    );
  return lines;
}

function rateOf(entry: RunEntry, branch: 'image' | 'text'): string {
  const rate = entry.settings[`optimizer.learning_rate.${branch}`] ?? 1e-3;
  return settingText(rate);
}

function score(entry: RunEntry): number {
  return entry.summary[recallAt(10)]?.last ?? 0;
}
