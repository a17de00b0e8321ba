import { bestName, statusText, withChance } from '../../analysis/metric-words.ts';
import { endedAtChance } from '../../protocol/chance.ts';
import { recallK, trainLoss } from '../../protocol/metrics.ts';
import type { RunEntry } from '../run-entry.ts';
import { tableLines } from './table.ts';
import { shortNumber } from '../../text/numbers.ts';
import { settingName, settingText } from '../../text/settings.ts';
import { t } from '../../text/say.ts';

/** A sweep's runs as a table: only the settings that differ, the last loss, the best recall and where it stands. */
export function sweepTable(runs: RunEntry[], seeds: number[]): string[] {
  const entries: RunEntry[] = runs.map((run, at) => ({
    ...run,
    settings: { ...run.settings, seed: seeds[at] },
  }));
  const keys = [...new Set(entries.flatMap((entry) => Object.keys(entry.settings)))].filter(
    (key) => new Set(entries.map((entry) => JSON.stringify(entry.settings[key]))).size > 1,
  );
  const recalls = [...new Set(entries.flatMap((entry) => Object.keys(entry.summary)))].filter(
    (name) => recallK(name) !== null,
  );
  const header = [
    ...keys.map((key) => settingName(key, keys)),
    t('status'),
    t('loss'),
    ...recalls.map((name) => bestName(name)),
    t('run'),
  ];
  const rows = entries.map((entry) => [
    ...keys.map((key) => settingText(entry.settings[key])),
    statusText(entry.status, endedAtChance(entry.status, entry.summary)),
    shortNumber(entry.summary[trainLoss]?.last),
    ...recalls.map((name) => withChance(shortNumber(entry.summary[name]?.best), entry.summary[name]?.chance)),
    entry.id,
  ]);
  return tableLines(header, rows);
}
