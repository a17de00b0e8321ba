import { HumanError } from '../protocol/human-error.ts';
import { toNumber } from '../protocol/numbers.ts';
import type { MetricSummary } from '../protocol/run.ts';
import { readSummary } from '../protocol/summary.ts';
import type { Checkpoint, CheckpointParts } from '../store/checkpoints.ts';
import { toFloat32, type Tensor, type Tensors } from '../store/tensors.ts';
import type { Model } from './model/model.ts';
import type { Arrays, ParameterSpec } from './model/parameter.ts';
import type { Optimizer, OptimizerState } from './optimizer/optimizer.ts';
import { said } from '../text/say.ts';

/**
 * All that a run is at a step, beside its config: everything random is drawn from (seed, step), so no generator's state is among it.
 */
export interface Progress {
  /** Steps done. */
  step: number;
  /** Non-finite steps in a row up to here. */
  skipsInARow: number;
  /** Each branch's last finite gradient norm. */
  lastFiniteNorm: Record<string, number>;
  /** Best value so far of the metric that decides, null before the first. */
  best: number | null;
  summary: Record<string, MetricSummary>;
  /** Fingerprint of the pairs that were trained on; null when it is not known. */
  data: string | null;
}

/** What `writeCheckpoint` takes. Arrays are handed over as they are. */
export function checkpointParts(
  model: Model,
  arrays: Arrays,
  optimizer: Optimizer,
  progress: Progress,
): CheckpointParts {
  const { updates, firstMoments, secondMoments } = optimizer.state;
  const moments: Tensors = {};
  for (const spec of model.parameters) {
    if (!firstMoments[spec.name]) continue;
    moments[`exp_avg/${spec.name}`] = tensor(spec, firstMoments[spec.name]!);
    moments[`exp_avg_sq/${spec.name}`] = tensor(spec, secondMoments[spec.name]!);
  }
  return {
    model: Object.fromEntries(model.parameters.map((spec) => [spec.name, tensor(spec, arrays[spec.name]!)])),
    optimizer: moments,
    state: { ...progress, updates },
  };
}

/** The model's arrays in a checkpoint; HumanError `checkpoint_mismatch` when it is of another model. */
export function restoredArrays(checkpoint: Checkpoint, model: Pick<Model, 'parameters'>): Arrays {
  return Object.fromEntries(
    model.parameters.map((spec) => [spec.name, take(checkpoint, checkpoint.model, spec.name, spec)]),
  );
}

/** The reverse of `checkpointParts`; HumanError as above. */
export function restored(
  checkpoint: Checkpoint,
  model: Model,
): { arrays: Arrays; optimizer: OptimizerState; progress: Progress } {
  const state = checkpoint.state as Progress & { updates: number };
  const arrays = restoredArrays(checkpoint, model);
  const firstMoments: Arrays = {};
  const secondMoments: Arrays = {};
  for (const spec of model.parameters) {
    if (!model.isTrainable(spec)) continue;
    firstMoments[spec.name] = take(checkpoint, checkpoint.optimizer, `exp_avg/${spec.name}`, spec);
    secondMoments[spec.name] = take(checkpoint, checkpoint.optimizer, `exp_avg_sq/${spec.name}`, spec);
  }
  return {
    arrays,
    optimizer: { updates: state.updates, firstMoments, secondMoments },
    progress: {
      step: checkpoint.step,
      skipsInARow: state.skipsInARow,
      lastFiniteNorm: numbersOf(state.lastFiniteNorm),
      data: state.data ?? null,
      best: state.best === null ? null : (toNumber(state.best) ?? null),
      summary: readSummary(state.summary),
    },
  };
}

function take({ dir }: Checkpoint, tensors: Tensors, name: string, spec: ParameterSpec): Float32Array {
  const found = tensors[name];
  if (!found || found.shape.join() !== spec.shape.join())
    throw new HumanError(
      said(
        'The checkpoint {0} has {1}, the model wants [{2}].',
        dir,
        found ? said('{0} of shape [{1}]', name, found.shape.join(', ')) : said('no {0}', name),
        spec.shape.join(', '),
      ),
      said('The run’s config.json or its weights folder was changed: start a new run.'),
      'checkpoint_mismatch',
    );
  return toFloat32(found);
}

const tensor = (spec: ParameterSpec, data: Float32Array): Tensor => ({
  dtype: 'F32',
  shape: [...spec.shape],
  data: data as Float32Array<ArrayBuffer>, // ours are never over shared memory
});

const numbersOf = (values: Record<string, unknown>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toNumber(value) ?? NaN]));
