import type { RunView } from '../protocol/panel.ts';
import { stepOf } from '../protocol/summary.ts';
import { counted, shortNumber } from '../text/numbers.ts';
import { t } from '../text/say.ts';
import { settingText } from '../text/settings.ts';
import { bestAndLast, resultMetrics } from './metric-values.ts';
import { bestName, statusText, withChance } from './metric-words.ts';
import { shortMetric } from '../protocol/metrics.ts';

/** What stands side by side of two runs. */
export interface DifferenceSection {
  title: string;
  rows: DifferenceRow[];
  /** How many are the same in both and are not listed. */
  same: number;
}

export interface DifferenceRow {
  name: string;
  a: string;
  b: string;
  /** Results are listed when they are the same too. */
  isSame: boolean;
}

/** Two runs side by side: what they were set to, learnt from, made by and computed with, and what came of it. Only what differs, but for results. */
export function differenceOf(a: RunView, b: RunView): DifferenceSection[] {
  const keys = [...new Set([...Object.keys(a.settings), ...Object.keys(b.settings)])];
  const isData = (key: string): boolean => key.startsWith('data.');
  const setting = (key: string): DifferenceRow =>
    row(key, settingText(a.settings[key]), settingText(b.settings[key]));
  const both = (name: string, of: (run: RunView) => string | null | undefined): DifferenceRow =>
    row(name, of(a) || '–', of(b) || '–');
  return [
    section(t('Settings'), keys.filter((key) => !isData(key) && key !== 'name').map(setting)),
    section(t('Data'), [
      ...keys.filter(isData).map(setting),
      both(t('pairs to train on'), ({ state }) => state?.started && counted(state.started.train_pairs)),
      both(t('pairs to validate on'), ({ state }) => state?.started && counted(state.started.val_pairs)),
    ]),
    section(t('Code version'), [
      both(t('git commit'), ({ file }) => file?.git_commit?.slice(0, 12)),
      both(t('experiment file'), ({ file }) => file?.experiment_path),
    ]),
    section(t('Environment'), [
      ...[...new Set([a, b].flatMap(({ file }) => Object.keys(file?.versions ?? {})))].map((name) =>
        both(name, ({ file }) => file?.versions[name]),
      ),
      both(t('engine'), ({ file }) => file?.engine && withProvider(file.engine)),
      both(t('device'), ({ file }) => file?.engine?.device),
      both(t('threads'), ({ file }) => file?.engine && String(file.engine.threads)),
      both(t('computer'), ({ file }) => file?.process?.host),
    ]),
    { title: t('Results'), rows: results(a, b), same: 0 },
  ];
}

const row = (name: string, a: string, b: string): DifferenceRow => ({ name, a, b, isSame: a === b });

function section(title: string, rows: DifferenceRow[]): DifferenceSection {
  const known = rows.filter(({ a, b }) => a !== '–' || b !== '–');
  const differing = known.filter(({ isSame }) => !isSame);
  return { title, rows: differing, same: known.length - differing.length };
}

const withProvider = ({ name, provider }: { name: string; provider: string | null }): string =>
  provider ? `${name} (${provider})` : name;

function results(a: RunView, b: RunView): DifferenceRow[] {
  const [ofA, ofB] = [bestAndLast(a), bestAndLast(b)];
  const status = ({ status: each }: RunView): string => statusText(each, false);
  const step = ({ state, file }: RunView): string => counted(stepOf(state, file));
  const shared = resultMetrics([a, b]).filter((metric) => ofA[metric] ?? ofB[metric]);
  return [
    row(t('status'), status(a), status(b)),
    row(t('step'), step(a), step(b)),
    ...shared.flatMap((metric) => {
      const value = (of: typeof ofA, pick: 'best' | 'last'): string => {
        const found = of[metric];
        return found ? withChance(shortNumber(found[pick]), found.chance) : '–';
      };
      return [
        row(bestName(metric), value(ofA, 'best'), value(ofB, 'best')),
        row(t('last {0}', shortMetric(metric)), value(ofA, 'last'), value(ofB, 'last')),
      ];
    }),
  ];
}
