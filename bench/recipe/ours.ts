import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { resolveConfig } from '../../src/experiment/resolve.ts';
import { claimRun, createRun } from '../../src/store/run-folder.ts';
import { writeSafetensors } from '../../src/store/safetensors.ts';
import type { Tensors } from '../../src/store/tensors.ts';
import { checkpointParts } from '../../src/trainer/checkpoint.ts';
import { pickEngine } from '../../src/trainer/engines/pick.ts';
import { closeTraining, openTraining, type Training } from '../../src/trainer/training.ts';

/** What each side says of its steps. */
export interface Measured {
  losses: number[];
  /** Of each step: loading its batch, loss, gradients, clip and update. */
  ms: number[];
  cpu_ms: number[];
  /** Of which waiting for the batch. */
  data_ms: number[];
  peak_mb: number;
  /** Steps that had a caption length for the first time, whose graph they made. */
  compiled?: number[];
  /** Of the first step's gradients of others from this one's: by branch the norm of the difference over the norm. */
  distance?: Record<string, Record<string, number>>;
}

export const batchSize = 8;

/**
 * Some steps of the recipe in this process, as a trainer takes them. Writes what the peers need into the folder first: the weights that
 * it begins with, and which images and captions are in each batch.
 */
export async function trainOurs(
  folder: string,
  pairs: number,
  steps: number,
  threads: number,
): Promise<Measured> {
  const text = `data: { pairs: pairs.csv, val_fraction: 0, image_size: 224, max_length: 512, augment: { crop: null, flip: 0 } }
model:
  image_encoder: { name: resnet50 }
  text_encoder: { name: bert-base-uncased, dropout: 0 }
  fusion: { kind: cross_attention, layers: 1, heads: 8, dim: 256 }
loss: { temperature: 0.1 }
optimizer:
  learning_rate: { image: 1e-5, text: 1e-5, fusion: 1e-5 }
  weight_decay: 0.01
  clip_norm: 1
  schedule: { kind: constant, warmup: 0 }
train: { batch_size: ${batchSize}, steps: ${steps}, engine: onnx, provider: cpu, threads: ${threads} }
`;
  const { experiment, problems } = parseExperiment(text);
  if (!experiment) throw new Error(problems.map(({ message }) => message).join('\n'));
  const facts = { trainPairs: pairs, baseDir: folder, cacheDir: join(folder, 'cache') };
  const config = resolveConfig(experiment, facts);
  const dir = await createRun(join(folder, '.tandem/runs'), {
    experiment: 'recipe',
    source: text,
    config,
    experimentPath: join(folder, 'recipe.tandem.yaml'),
  });
  const claim = await claimRun(dir);
  const engine = await pickEngine(config.train);
  const run = await openTraining(
    dir,
    claim,
    config,
    () => Promise.resolve(engine),
    new AbortController().signal,
  );
  try {
    await writeStart(run, folder, steps);
    return await measured(run, steps, join(folder, 'gradients.ours.safetensors'));
  } finally {
    await closeTraining(run);
    await claim.release();
  }
}

async function writeStart(run: Training, folder: string, steps: number): Promise<void> {
  const { pairs, train } = run.data;
  const { model: weights } = checkpointParts(run.model, run.arrays, run.optimizer, run.progress);
  await writeSafetensors(join(folder, 'start.safetensors'), weights);
  const order = train.order(0);
  const batches = Array.from({ length: steps }, (_, step) => {
    const own = Array.from(order.subarray(step * batchSize, (step + 1) * batchSize));
    return {
      images: own.map((pair) => pairs.imageFile(pair)),
      captions: own.map((pair) => pairs.caption(pair)),
    };
  });
  const vocabulary = fileURLToPath(new URL('../../media/bert-base-uncased-vocab.txt', import.meta.url));
  const { learning_rate: rates } = run.config.optimizer;
  writeFileSync(join(folder, 'recipe.json'), JSON.stringify({ batches, vocabulary, rates }));
}

async function measured(run: Training, steps: number, gradientsFile: string): Promise<Measured> {
  const result: Measured = { losses: [], ms: [], cpu_ms: [], data_ms: [], peak_mb: 0, compiled: [] };
  const lengths = new Set<number>();
  for (let step = 0; step < steps; step++) {
    const start = performance.now();
    const used = process.cpuUsage();
    const batch = await run.data.train.batch(0, step);
    result.data_ms.push(performance.now() - start);
    const { loss } = await run.stepper.step(batch, step, run.config.optimizer.learning_rate);
    result.losses.push(loss);
    result.ms.push(performance.now() - start);
    const { user, system } = process.cpuUsage(used);
    result.cpu_ms.push((user + system) / 1e3);
    if (!lengths.has(batch.length)) result.compiled!.push(step);
    lengths.add(batch.length);
    if (step === 0) await writeSafetensors(gradientsFile, gradients(run));
  }
  result.peak_mb = process.resourceUsage().maxRSS / 1024;
  return result;
}

/** Of the last step, before they were clipped. */
const gradients = ({ model, optimizer }: Training): Tensors =>
  Object.fromEntries(
    model.parameters.flatMap(({ name, shape }) => {
      const data = optimizer.gradients[`grad/${name}`];
      return data
        ? [[name, { dtype: 'F32', shape: [...shape], data: data as Float32Array<ArrayBuffer> }]]
        : [];
    }),
  );
