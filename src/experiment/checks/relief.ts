import type { Experiment } from '../schema/schema.ts';
import { checkBatch } from './batch.ts';
import type { View } from './finding.ts';
import { trainingBytes, trainingMemory } from './memory.ts';
import { checkMicroBatch } from './micro-batch.ts';

/** A setting that makes a run smaller. */
export interface Relief {
  path: 'train.micro_batch' | 'train.batch_size';
  value: number;
}

/**
 * What to set where memory runs out: the largest micro-batch, or where the fusion takes whole batches only the largest batch, of half as many
 * pairs or fewer that saves a third of what grows with them and fits into the machine. What is swept is not touched, and nothing is set that
 * the checks would not have; null where that leaves nothing.
 */
export function reliefOf(view: View): Relief | null {
  const { experiment, parsed, facts } = view;
  const { batch_size, micro_batch } = experiment.train;
  const atOnce = typeof micro_batch === 'number' ? Math.min(micro_batch, batch_size) : batch_size;
  const swept = parsed.lenient.sweep?.values ?? {};
  const fusions = [experiment.model.fusion.kind, ...(swept['model.fusion.kind'] ?? [])];
  const path = fusions.includes('early') ? 'train.batch_size' : 'train.micro_batch';
  if (path in swept) return null;
  const batches = [batch_size, ...(swept['train.batch_size'] ?? []).map(Number)];
  const limit = (2 / 3) * trainingMemory(experiment, batch_size, atOnce).activations;
  const known = codesOf(view);
  for (let value = atOnce >> 1; value >= 2; value--) {
    if (path === 'train.micro_batch' && batches.some((batch) => batch % value !== 0)) continue;
    const changed = withValue(experiment, path, value);
    const { train } = changed;
    const parts = path === 'train.micro_batch' ? value : train.batch_size;
    if (trainingMemory(changed, train.batch_size, parts).activations > limit) continue;
    if (trainingBytes(changed, train.batch_size, parts) > (facts.memory_bytes ?? Infinity)) continue;
    if ([...codesOf({ ...view, experiment: changed })].some((code) => !known.has(code))) continue;
    return { path, value };
  }
  return null;
}

const codesOf = (view: View): Set<string> =>
  new Set([...checkBatch(view), ...checkMicroBatch(view)].map(({ code }) => code));

const withValue = (experiment: Experiment, path: Relief['path'], value: number): Experiment => ({
  ...experiment,
  train: {
    ...experiment.train,
    ...(path === 'train.micro_batch' ? { micro_batch: value } : { batch_size: value }),
  },
});
