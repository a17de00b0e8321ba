import { cpuUse, epochsDone, gpuMemory, gpuUtilisation, residentMemory } from '../protocol/metrics.ts';
import type { RunView } from '../protocol/panel.ts';
import { t } from '../text/say.ts';

/** One plot: which metrics it draws and how. */
export interface CardSpec {
  id: string;
  title: string;
  /** Under which heading it stands: what names that are not ours begin with, up to the first slash; empty for those without one, and for most of ours. */
  group: string;
  /** Beside the title; empty when the numbers have none. */
  unit: string;
  metrics: { name: string; label: string }[];
  /** Whether the y axis starts out logarithmic. */
  isLog: boolean;
  /** Lines that the curves are read against. */
  reference: 'chance' | 'clip' | null;
  /** The metric along the x axis, where that is no step or time. */
  against?: string | null;
}

interface Known {
  id: string;
  title: string;
  group?: string;
  unit: string;
  pattern: RegExp;
  label: (match: RegExpExecArray) => string;
  isLog?: boolean;
  reference?: CardSpec['reference'];
}

const whole = (match: RegExpExecArray): string => match[1] ?? match[0];

/** Our own metrics, in the order of what one looks at first. */
const known = (): Known[] => [
  {
    id: 'loss',
    title: t('Loss'),
    unit: t('nats'),
    pattern: /^(train|val)\/loss$/,
    label: whole,
    reference: 'chance',
  },
  {
    id: 'grad_norm',
    title: t('Gradient norm'),
    unit: t('before clipping'),
    pattern: /^train\/grad_norm(?:\/(.+))?$/,
    label: (match) => match[1] ?? 'all',
    isLog: true,
    reference: 'clip',
  },
  {
    id: 'recall',
    title: t('Recall'),
    unit: t('share'),
    pattern: /^val\/recall@(\d+)$/,
    label: (m) => `@${m[1]}`,
    reference: 'chance',
  },
  {
    id: 'learning_rate',
    title: t('Learning rate'),
    unit: t('per step'),
    pattern: /^train\/learning_rate\/(.+)$/,
    label: whole,
    isLog: true,
  },
  {
    id: 'temperature',
    title: t('Temperature'),
    unit: '',
    pattern: /^train\/temperature$/,
    label: () => 'temperature',
  },
  {
    id: 'logit_bias',
    title: t('Bias of the logits'),
    unit: '',
    pattern: /^train\/logit_bias$/,
    label: () => 'bias',
  },
  {
    id: 'throughput',
    title: t('Throughput'),
    unit: t('pairs/s'),
    pattern: /^train\/pairs_per_s$/,
    label: () => 'pairs/s',
  },
  {
    id: 'data_wait',
    title: t('Data wait'),
    unit: t('share of the step'),
    pattern: /^train\/data_wait$/,
    label: () => 'waiting',
  },
  {
    id: 'directions',
    title: t('Recall by direction'),
    unit: t('share'),
    pattern: /^val\/(image_to_text|text_to_image)\/recall@(\d+)$/,
    label: (m) => `${m[1] === 'image_to_text' ? 'image→text' : 'text→image'} @${m[2]}`,
    reference: 'chance',
  },
  {
    id: 'median_rank',
    title: t('Median rank'),
    unit: t('1 is best'),
    pattern: /^val\/(image_to_text|text_to_image)\/median_rank$/,
    label: (m) => (m[1] === 'image_to_text' ? 'image→text' : 'text→image'),
  },
  {
    id: 'mean_cosine',
    title: t('Mean cosine'),
    unit: t('1: all alike'),
    pattern: /^val\/mean_cosine\/(.+)$/,
    label: whole,
  },
  {
    id: 'clip_factor',
    title: t('Clip factor'),
    unit: t('1: not clipped'),
    pattern: /^train\/clip_factor$/,
    label: () => 'factor',
  },
  ...systemCards(),
];

/** What the run takes of its machine. */
const systemCards = (): Known[] => {
  const group = t('System');
  return [
    { id: 'cpu', title: t('Processor'), unit: t('of all cores'), metric: cpuUse, label: 'cpu' },
    { id: 'rss', title: t('Memory'), unit: t('of the trainer'), metric: residentMemory, label: 'memory' },
    {
      id: 'gpu_memory',
      title: t('GPU memory'),
      unit: t('of all programs'),
      metric: gpuMemory,
      label: 'memory',
    },
    {
      id: 'gpu_utilisation',
      title: t('GPU utilisation'),
      unit: t('of the time'),
      metric: gpuUtilisation,
      label: 'utilisation',
    },
  ].map(({ metric, label, ...card }) => ({
    ...card,
    group,
    pattern: new RegExp(`^${metric}$`),
    label: () => label,
  }));
};

/** One plot a metric: with several runs a colour is a run, and dashes for metrics could not be told apart. */
export const byMetric = (cards: CardSpec[]): CardSpec[] =>
  cards.flatMap((card) =>
    card.metrics.length < 2
      ? [card]
      : card.metrics.map((each) => ({
          ...card,
          id: `${card.id}/${each.label}`,
          title: `${card.title} ${each.label}`,
          metrics: [each],
        })),
  );

const splits = /^(train|training|val|valid|validation|eval|test)$/i;

/** The plots for these runs' metrics: ours first, then one for each other name; the splits of one metric stand together. */
export function cardsOf(runs: RunView[]): CardSpec[] {
  const names = [...new Set(runs.flatMap((run) => [...(run.state?.series.keys() ?? [])]))];
  const cards: CardSpec[] = [];
  const rest = new Set(names.filter((name) => name !== epochsDone));
  for (const { id, title, group, unit, pattern, label, isLog, reference } of known()) {
    const metrics = names.flatMap((name) => {
      const match = pattern.exec(name);
      return match ? [{ name, label: label(match) }] : [];
    });
    for (const { name } of metrics) rest.delete(name);
    metrics.sort((a, b) => order(a.label) - order(b.label));
    if (metrics.length)
      cards.push({
        id,
        title,
        group: group ?? '',
        unit,
        metrics,
        isLog: isLog ?? false,
        reference: reference ?? null,
      });
  }
  return [...cards, ...otherCards([...rest])];
}

const fixedOrder = ['train', 'val', 'image', 'text', 'fusion', 'scale', 'all'];

function order(label: string): number {
  const at = fixedOrder.indexOf(label);
  return at >= 0 ? at : 100 + Number(/@(\d+)/.exec(label)?.[1] ?? 0);
}

function otherCards(names: string[]): CardSpec[] {
  const groups = new Map<string, CardSpec['metrics']>();
  for (const name of names.sort()) {
    const parts = name.split('/');
    const split = parts.find((part) => splits.test(part));
    const title = split && parts.length > 1 ? parts.filter((part) => part !== split).join('/') : name;
    groups.set(title, [
      ...(groups.get(title) ?? []),
      { name, label: split && parts.length > 1 ? split : name },
    ]);
  }
  return [...groups].map(([title, metrics]) => ({
    id: `other:${title}`,
    title,
    group: title.includes('/') ? title.slice(0, title.indexOf('/')) : '',
    unit: '',
    metrics,
    isLog: false,
    reference: null,
  }));
}
