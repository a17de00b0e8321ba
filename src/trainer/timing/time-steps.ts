import { setImmediate } from 'node:timers/promises';
import type { RunConfig } from '../../experiment/config.ts';
import { rng } from '../../data/hash.ts';
import { squeezed } from '../../data/images/preprocessing.ts';
import type { Batch } from '../../data/loader.ts';
import { createEngine } from '../engines/pick.ts';
import { providerDevice } from '../engines/provider-device.ts';
import { buildModel, type Model } from '../model/model.ts';
import { sizeOf, type Arrays } from '../model/parameter.ts';
import { createOptimizer } from '../optimizer/optimizer.ts';
import { createStepper } from '../step/create-stepper.ts';
import { openEncoders } from '../weights/prepare.ts';
import { timedLength } from './timed-sizes.ts';
import { t } from '../../text/say.ts';
import { branchName } from '../../text/settings.ts';

/** What the timing of a provider says, one after the other. */
export type TimingMessage =
  | { kind: 'device'; name: string; isSoftware: boolean }
  /** One step; the first, which compiles, is not among them. */
  | { kind: 'step'; ms: number }
  | { kind: 'failed'; reason: string };

/** Steps that are timed: so many, or as many as this time holds, and one at least. */
const mostSteps = 10;
const enoughMs = 3000;

/** Takes a few steps of the run's model on the provider, at noise of the sizes of its batches. A driver in software takes none. */
export async function timeSteps(
  config: RunConfig,
  provider: 'cpu' | 'webgpu' | 'cuda',
  say: (message: TimingMessage) => void,
): Promise<void> {
  const { train, data } = config;
  const engine = await createEngine(
    'onnx',
    { engine: 'onnx', provider, threads: train.threads },
    t('It is timed.'),
  );
  const device = await providerDevice(provider);
  say({ kind: 'device', ...device });
  if (device.isSoftware) return;
  const { shapes } = await openEncoders(config.model, data.image_size);
  const model = buildModel(config.model, config.loss, shapes, {}, squeezed);
  const arrays = noiseArrays(model);
  const optimizer = createOptimizer(model, config.optimizer, arrays);
  const stepper = createStepper({ config, engine, model, arrays, optimizer });
  const words = shapes.text?.vocabulary ?? 1;
  const batch = noiseBatch(train.batch_size, data.image_size, timedLength(data.max_length), words);
  const rates = { image: 1e-6, text: 1e-6, fusion: 1e-6, scale: 0 };
  let spent = 0;
  for (let step = 0; step <= mostSteps && spent < enoughMs; step++) {
    const began = performance.now();
    const { skippedBranch } = await stepper.step(batch, step, rates);
    const ms = performance.now() - began;
    if (skippedBranch !== null)
      return say({
        kind: 'failed',
        reason: t('its gradients of the {0} branch are not finite', branchName(skippedBranch)),
      });
    await setImmediate(); // whoever waits may have gone
    if (step === 0) continue;
    say({ kind: 'step', ms });
    spent += ms;
  }
}

/** Of the initial sizes, and far faster drawn: only that they are finite matters. */
function noiseArrays(model: Model): Arrays {
  return Object.fromEntries(
    model.parameters.map(({ name, shape, initial }) => {
      const values = new Float32Array(sizeOf(shape));
      if (initial.kind === 'constant') return [name, values.fill(initial.value)];
      const bound = initial.kind === 'uniform' ? initial.bound : initial.std;
      let state = 1;
      for (let i = 0; i < values.length; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        values[i] = (state / 2 ** 31) * bound;
      }
      return [name, values];
    }),
  );
}

function noiseBatch(size: number, imageSize: number, length: number, words: number): Batch {
  const random = rng('timing');
  const ids = Int32Array.from({ length: size }, (_, row) => row);
  return {
    size,
    imageSize,
    pixels: Uint8Array.from({ length: size * imageSize * imageSize * 3 }, () => random.int(256)),
    length,
    tokenIds: Int32Array.from({ length: size * length }, () => random.int(words)),
    states: null,
    mask: new Float32Array(size * length).fill(1),
    imageIds: ids,
    captionIds: ids.slice(),
    pairs: ids.slice(),
  };
}
