import { bestText, statusWord } from '../../analysis/metric-words.ts';
import { findingText } from '../../analysis/finding-text.ts';
import type { RunFinding, RunStatus } from '../../protocol/events.ts';
import { decidingMetric } from '../../protocol/metrics.ts';
import type { RunFile } from '../../protocol/run.ts';
import { countStatuses, isActive } from '../../protocol/run-status.ts';
import { counted } from '../../text/numbers.ts';
import { t } from '../../text/say.ts';
import { sentenceStart, sentences } from '../../text/words.ts';

/** Something that somebody is told about a run or a sweep. */
export interface News {
  /** The facts, as `webhook: json` and commands get them. */
  facts: {
    event: 'ended' | 'finding' | 'sweep_ended';
    experiment: string;
    run: string;
    status: RunStatus;
    step: number;
    steps: number;
    reason: string | null;
    finding: RunFinding | null;
    /** How many runs of a sweep have come to each status. */
    sweep: Partial<Record<RunStatus, number>> | null;
  };
  /** In words; its first word is Tandem, as services that ask for a keyword want. */
  text: string;
}

/** A run as it stands: its file, and its status from the file and the process. */
export interface Standing {
  file: RunFile;
  status: RunStatus;
}

/** What to tell of a run that is over; null for one that somebody stopped, and for a trial of a sweep that ended well. */
export function newsOfEnd(standing: Standing): News | null {
  const { file, status } = standing;
  const isWell = status === 'finished' || status === 'stopped_early';
  const isUntold = isActive(status) || status === 'stopped' || (isWell && file.sweep);
  return isUntold ? null : newsOf(standing);
}

/** How a run stands. */
export function newsOf({ file, status }: Standing): News {
  const best = bestOf(file);
  const head = t(
    'Tandem: {0} {1} at step {2} of {3}.',
    nameOf(file),
    statusWord(status),
    counted(file.step),
    counted(file.steps),
  );
  const parts = [head, best === null ? null : `${sentenceStart(best)}.`, file.reason];
  return news('ended', { file, status }, parts);
}

export function newsOfFinding(standing: Standing, finding: RunFinding): News {
  const { file } = standing;
  const head = t('Tandem: {0}, step {1} of {2}:', nameOf(file), counted(finding.step), counted(file.steps));
  return news('finding', standing, [head, findingText(finding)], finding);
}

/** A run with the time at which its file was last written: of one that is over, when it ended. */
export interface Ended extends Standing {
  writtenAt: number;
}

/** What to tell of a sweep when this run of it is over: once, by the run that ended last, when none is left to do. null otherwise, and when all were stopped. */
export function newsOfSweep(own: Standing, all: readonly Ended[]): News | null {
  const { sweep, experiment } = own.file;
  const trials = all.filter(({ file }) => sweep !== null && file.sweep?.id === sweep.id);
  if (!trials.length || trials.some(({ status }) => isActive(status))) return null;
  if (trials.every(({ status }) => status === 'stopped')) return null;
  const last = trials.reduce((latest, one) => (isLater(one, latest) ? one : latest));
  if (last.file.id !== own.file.id) return null;
  const counts = countStatuses(trials.map(({ status }) => status));
  const words = counts.map(([status, count]) => `${counted(count)} ${statusWord(status)}`).join(t(', '));
  const text = t('Tandem: the sweep of {0} has ended: {1}.', experiment, words);
  const made = news('sweep_ended', own, [text]);
  return { ...made, facts: { ...made.facts, sweep: Object.fromEntries(counts) } };
}

const isLater = (a: Ended, b: Ended): boolean =>
  a.writtenAt > b.writtenAt || (a.writtenAt === b.writtenAt && a.file.id > b.file.id);

function news(
  event: News['facts']['event'],
  { file, status }: Standing,
  parts: readonly (string | null)[],
  finding: RunFinding | null = null,
): News {
  const { experiment, id: run, step, steps, reason } = file;
  return {
    facts: { event, experiment, run, status, step, steps, reason, finding, sweep: null },
    text: sentences(parts),
  };
}

const nameOf = ({ experiment, title, id }: RunFile): string => title ?? `${experiment} ${id.slice(-4)}`;

function bestOf({ summary }: RunFile): string | null {
  const metric = decidingMetric(Object.keys(summary));
  return metric === null ? null : bestText(metric, summary[metric]!);
}
