import { basename, join } from 'node:path';
import type { RunStatus } from '../../protocol/events.ts';
import { statusOrder } from '../../protocol/run-status.ts';
import { isActive, runLabel, type RunEntry } from '../runs/run-entry.ts';
import { t, language } from '../../text/say.ts';
import { bestAmong } from './describe.ts';
import { comparator, newestFirst, type SortBy } from './order.ts';
import { counted, shortNumber } from '../../text/numbers.ts';
import { shortMetric } from '../../protocol/metrics.ts';
import { briefSettings } from '../../text/settings.ts';
import { statusWord } from '../../analysis/metric-words.ts';

/** What the explorer shows: groups that hold groups or runs. Ids are stable, so that VS Code keeps what is expanded. */
export type TreeNode = GroupNode | RunNode | MoreNode;

export interface GroupNode {
  kind: 'experiment' | 'sweep' | 'status' | 'foreign';
  id: string;
  label: string;
  description: string;
  /** The experiment file, for experiments. */
  experimentFile: string | null;
  status: RunStatus | null;
  children: TreeNode[];
  /** All runs below, newest first or as sorted. */
  runs: RunEntry[];
}

export interface RunNode {
  kind: 'run';
  id: string;
  /** What sets the run apart from those around it, short enough to leave room for its metric; missing where it is no row. */
  label?: string;
  run: RunEntry;
}

/** Stands for runs of a long group that are not shown yet. */
export interface MoreNode {
  kind: 'more';
  id: string;
  group: string;
  hidden: number;
}

export type GroupBy = 'experiment' | 'sweep' | 'status' | 'none';
export interface TreeOptions {
  groupBy: GroupBy;
  sortBy: SortBy;
  filter: (run: RunEntry) => boolean;
  /** Experiment files known, also those without runs; absolute. */
  experiments: string[];
  /** How many runs of a group are shown, by group id; others show `pageSize`. */
  shown: Map<string, number>;
}

export const pageSize = 500;

/** The explorer's tree for these runs (any order). Groups come in the order of their newest run. */
export function buildTree(runs: readonly RunEntry[], options: TreeOptions): TreeNode[] {
  const sorted = runs.filter(options.filter).sort(comparator(options.sortBy));
  const ours = sorted.filter((run) => !run.foreign);
  const foreign = sorted.filter((run) => run.foreign);
  const page = (id: string, nodes: TreeNode[]) => paged(id, nodes, options.shown);
  const varied = variedKeys(runs);
  const runNode = (run: RunEntry): RunNode => ({
    kind: 'run',
    id: `run:${run.dir}`,
    label: shortened(rowLabel(run, varied.get(run.file.sweep?.id ?? ''), options.groupBy)),
    run,
  });
  const nodes =
    options.groupBy === 'experiment'
      ? byExperiment(ours, options, page, runNode)
      : options.groupBy === 'sweep'
        ? page('root', bySweep(ours, page, runNode))
        : options.groupBy === 'status'
          ? byStatus(ours, page, runNode)
          : page('root', ours.map(runNode));
  if (foreign.length > 0) nodes.push(foreignGroup(foreign, page, runNode));
  return nodes;
}

type Page = (id: string, nodes: TreeNode[]) => TreeNode[];
type ToNode = (run: RunEntry) => RunNode;

function byExperiment(runs: RunEntry[], options: TreeOptions, page: Page, runNode: ToNode): GroupNode[] {
  const groups = new Map<string, RunEntry[]>();
  for (const run of newestFirst(runs)) collect(groups, experimentFileOf(run), run);
  const isFiltered = runs.length === 0 && groups.size === 0;
  for (const file of options.experiments) if (!groups.has(file)) groups.set(file, []);
  if (isFiltered && options.experiments.length === 0) return [];
  return [...groups].map(([file, own]) => {
    const id = `experiment:${file}`;
    const inOrder = runs.length === own.length ? runs : own.sort(comparator(options.sortBy));
    return {
      kind: 'experiment',
      id,
      label: experimentName(file, own),
      description: countText(own),
      experimentFile: file,
      status: null,
      children: page(id, bySweep(inOrder, page, runNode)),
      runs: inOrder,
    };
  });
}

/** Sweeps at the place of their first run, single runs between them. */
function bySweep(runs: RunEntry[], page: Page, runNode: ToNode): TreeNode[] {
  const sweeps = new Map<string, RunEntry[]>();
  for (const run of runs) if (run.file.sweep) collect(sweeps, run.file.sweep.id, run);
  const nodes: TreeNode[] = [];
  for (const run of runs) {
    const sweep = run.file.sweep;
    if (!sweep) nodes.push(runNode(run));
    else if (sweeps.has(sweep.id)) {
      const own = sweeps.get(sweep.id)!;
      sweeps.delete(sweep.id);
      const id = `sweep:${run.baseDir}:${sweep.id}`;
      nodes.push({
        kind: 'sweep',
        id,
        label: t('Sweep of {0} runs', sweep.count),
        description: sweepText(own, sweep.count),
        experimentFile: experimentFileOf(run),
        status: null,
        children: page(id, own.map(runNode)),
        runs: own,
      });
    }
  }
  return nodes;
}

function byStatus(runs: RunEntry[], page: Page, runNode: ToNode): GroupNode[] {
  return statusOrder.flatMap((status) => {
    const own = runs.filter((run) => run.status === status);
    if (own.length === 0) return [];
    const id = `status:${status}`;
    const children = page(id, own.map(runNode));
    return [
      {
        kind: 'status',
        id,
        label: statusWord(status),
        description: counted(own.length),
        experimentFile: null,
        status,
        children,
        runs: own,
      },
    ];
  });
}

function foreignGroup(runs: RunEntry[], page: Page, runNode: ToNode): GroupNode {
  const children = page('foreign', runs.map(runNode));
  return {
    kind: 'foreign',
    id: 'foreign',
    label: t('TensorBoard logs'),
    description: countText(runs),
    experimentFile: null,
    status: null,
    children,
    runs,
  };
}

function paged(id: string, nodes: TreeNode[], shown: Map<string, number>): TreeNode[] {
  const limit = shown.get(id) ?? pageSize;
  if (nodes.length <= limit) return nodes;
  return [
    ...nodes.slice(0, limit),
    { kind: 'more', id: `more:${id}`, group: id, hidden: nodes.length - limit },
  ];
}

/** By sweep, the keys that differ among all of its runs, filtered out or not: a row keeps its name. */
function variedKeys(runs: readonly RunEntry[]): Map<string, string[]> {
  const sweeps = new Map<string, RunEntry[]>();
  for (const run of runs) if (run.file.sweep) collect(sweeps, run.file.sweep.id, run);
  return new Map(
    [...sweeps].map(([id, own]) => {
      const keys = [...new Set(own.flatMap(({ file }) => Object.keys(file.settings)))];
      const differs = (key: string) =>
        new Set(own.map(({ file }) => JSON.stringify(file.settings[key]))).size > 1;
      return [id, keys.filter(differs)];
    }),
  );
}

function rowLabel(run: RunEntry, keys: string[] | undefined, groupBy: GroupBy): string {
  const { title, settings, experiment } = run.file;
  if (!title && keys?.length) return briefSettings(settings, keys);
  const label = runLabel(run);
  // The group above has the experiment's name.
  const repeats = groupBy === 'experiment' && !title && !run.foreign && label.startsWith(`${experiment} `);
  return repeats ? label.slice(experiment.length + 1) : label;
}

/** Letters of a row's name: with more, its value would be out of sight. */
const mostLetters = 32;

let segmenter: Intl.Segmenter | undefined;

/** Whole characters, also those of several code points, from both ends: names differ at either. */
function shortened(label: string): string {
  // No character is shorter than one unit. A thousand segmenters would be most of the work of a tree.
  if (label.length <= mostLetters) return label;
  segmenter ??= new Intl.Segmenter();
  const letters = [...segmenter.segment(label)].map(({ segment }) => segment);
  if (letters.length <= mostLetters) return label;
  const half = mostLetters / 2;
  const [start, end] = [letters.slice(0, half), letters.slice(1 - half)].map((part) => part.join('').trim());
  return `${start}…${end}`;
}

/** What a sweep has come to, how much of it there is, and when it began: `0.384 recall@10 (best) · 3 active · Jan 5, 9:30 AM`. */
function sweepText(runs: RunEntry[], count: number): string {
  const best = bestAmong(runs);
  const active = runs.filter(isActive).length;
  return [
    best && t('{0} {1} (best)', shortNumber(best.best), shortMetric(best.name)),
    active && t('{0} active', active),
    runs.length !== count && runCount(runs),
    dateOf(runs),
  ]
    .filter(Boolean)
    .join(' · ');
}

/** When a sweep began; the year where it is not this one. */
function dateOf(runs: RunEntry[]): string {
  const began = new Date(Math.min(...runs.map(({ file }) => file.created)));
  const isThisYear = began.getFullYear() === new Date().getFullYear();
  return began.toLocaleString(language(), {
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    ...(!isThisYear && { year: 'numeric' }),
  });
}

function collect(groups: Map<string, RunEntry[]>, key: string, run: RunEntry): void {
  const group = groups.get(key);
  if (group) group.push(run);
  else groups.set(key, [run]);
}

/** The absolute path of the file that a run came from (it may be gone). */
export function experimentFileOf(run: RunEntry): string {
  const path = run.file.experiment_path || `${run.file.experiment}.tandem.yaml`;
  return run.baseDir ? join(run.baseDir, path) : path;
}

function experimentName(file: string, runs: RunEntry[]): string {
  return runs[0]?.file.experiment || basename(file).replace(/\.tandem\.ya?ml$/, '');
}

function countText(runs: RunEntry[]): string {
  const activeRuns = runs.filter(isActive).length;
  if (runs.length === 0) return t('no runs yet');
  const count = runCount(runs);
  return activeRuns > 0 ? `${count}, ${t('{0} active', activeRuns)}` : count;
}

const runCount = (runs: RunEntry[]): string =>
  runs.length === 1 ? t('1 run') : t('{0} runs', counted(runs.length));
