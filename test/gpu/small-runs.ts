import type { Batch } from '../../src/data/loader.ts';
import type { LossConfig, ModelConfig, RunConfig } from '../../src/experiment/config.ts';
import type { Device, Engine } from '../../src/trainer/engines/engine.ts';
import { createEngine } from '../../src/trainer/engines/pick.ts';
import { buildModel, type Shapes } from '../../src/trainer/model/model.ts';
import type { Arrays } from '../../src/trainer/model/parameter.ts';
import { createOptimizer, type OptimizerState } from '../../src/trainer/optimizer/optimizer.ts';
import { createStepper } from '../../src/trainer/step/create-stepper.ts';
import { parameter } from '../trainer/formula.ts';
import { fixedTemperature, loadedBatch, modelConfig, optimizerConfig, tinyShapes } from '../trainer/tiny.ts';

const batchSize = 4;
/** Tokens of the longest caption. */
const length = 8;
/** After so many of twice as many steps a run is looked at. */
export const half = 5;

/** What is trained. */
export interface Setting {
  fusion: ModelConfig['fusion']['kind'];
  shapes?: Shapes;
  loss?: Partial<LossConfig>;
  image?: Partial<ModelConfig['image_encoder']>;
  text?: Partial<ModelConfig['text_encoder']>;
  /** Of the fusion. */
  layers?: number;
  micro?: number;
}

export interface Kept {
  arrays: Arrays;
  optimizer: OptimizerState;
}

/** A run of four pairs with dropout and a learnt temperature; a batch a step of its own. */
export function opened(setting: Setting, engine: Engine, from?: Kept) {
  const base = modelConfig(setting.fusion, setting.layers);
  const model: ModelConfig = {
    ...base,
    image_encoder: { ...base.image_encoder, ...setting.image },
    text_encoder: { ...base.text_encoder, dropout: 0.1, ...setting.text },
  };
  const loss = { ...fixedTemperature, learn_temperature: true, ...setting.loss };
  const built = buildModel(model, loss, setting.shapes ?? tinyShapes);
  const arrays: Arrays = {};
  for (const spec of built.parameters)
    arrays[spec.name] = from?.arrays[spec.name]?.slice() ?? parameter(spec);
  const config = {
    model,
    loss,
    seed: 5,
    optimizer: optimizerConfig(1e-3),
    train: { batch_size: batchSize, micro_batch: setting.micro ?? null },
  } as RunConfig;
  const optimizer = createOptimizer(built, config.optimizer, arrays, from?.optimizer);
  let device: Device | null = null;
  const watched: Engine = {
    ...engine,
    openDevice: engine.openDevice && (() => (device = engine.openDevice!())),
  };
  const stepper = createStepper({ config, engine: watched, model: built, arrays, optimizer });
  const rates = { image: 1e-3, text: 1e-3, fusion: 1e-3, scale: 1e-3 };
  return {
    arrays,
    stepper,
    device: device as Device | null,
    step: (at: number, batch = batchOf(at)) => stepper.step(batch, at, rates),
    /** A copy of what a checkpoint has. */
    async kept(): Promise<Kept> {
      await stepper.sync();
      const { updates, firstMoments, secondMoments } = optimizer.state;
      return {
        arrays: copied(arrays),
        optimizer: {
          updates,
          firstMoments: copied(firstMoments),
          secondMoments: copied(secondMoments),
        },
      };
    },
  };
}

export const batchOf = (step: number, tokens = length): Batch => loadedBatch(batchSize, tokens, step);

const copied = (arrays: Arrays): Arrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()]));

export interface Trained {
  losses: number[];
  norms: number[];
  /** After `half` steps, one step later, and at the end. */
  middle: Kept;
  next: Kept;
  last: Kept;
}

/** Ten steps. */
export async function trained(setting: Setting, engine: Engine): Promise<Trained> {
  const run = opened(setting, engine);
  const losses: number[] = [];
  const norms: number[] = [];
  const kept: Kept[] = [];
  for (let at = 0; at < 2 * half; at++) {
    const { loss, norm } = await run.step(at);
    losses.push(loss);
    norms.push(norm);
    if (at === half - 1 || at === half || at === 2 * half - 1) kept.push(await run.kept());
  }
  run.stepper.dispose();
  return { losses, norms, middle: kept[0]!, next: kept[1]!, last: kept[2]! };
}

/** Losses where captions are longer and shorter by turns. */
export async function lossesOfLengths(setting: Setting, engine: Engine): Promise<number[]> {
  const run = opened(setting, engine);
  const losses: number[] = [];
  for (const [at, tokens] of [8, 5, 8, 5].entries())
    losses.push((await run.step(at, batchOf(at, tokens))).loss);
  run.stepper.dispose();
  return losses;
}

/**
 * Largest distance of two sets of arrays, as a share of each array's largest value, but for two whose gradient is zero, so that AdamW makes
 * whole steps of its rounding errors: attention does not change with a key's bias, nor InfoNCE with what is added to all scores alike.
 */
export function distance(got: Arrays, expected: Arrays): number {
  let most = 0;
  for (const name in expected) {
    if (name.endsWith('key.bias') || name === 'fusion.layer.0.output.LayerNorm.bias') continue;
    const scale = expected[name]!.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-12);
    for (let i = 0; i < expected[name]!.length; i++)
      most = Math.max(most, Math.abs(got[name]![i]! - expected[name]![i]!) / scale);
  }
  return most;
}

export const relative = (got: number[], expected: number[]): number =>
  Math.max(...expected.map((value, i) => Math.abs(got[i]! / value - 1)));

export const engineOf = (provider: 'cpu' | 'webgpu'): Promise<Engine> =>
  createEngine('onnx', { engine: 'onnx', provider, threads: 1 }, 'a test');
