import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../src/experiment/config.ts';
import { createCpuEngine } from '../../src/trainer/engines/cpu.ts';
import type { Engine, TensorFunction, Values } from '../../src/trainer/engines/engine.ts';
import { createOnnxEngine } from '../../src/trainer/engines/onnx.ts';
import { evaluating } from '../../src/trainer/model/forward-pass.ts';
import { buildModel } from '../../src/trainer/model/model.ts';
import { visionTransformer } from '../../src/trainer/model/vision-transformer.ts';
import { parameterSpecs } from '../../src/trainer/step/loss-and-gradients.ts';
import { lossAndGradients, stepSpecs } from '../../src/trainer/step/loss-and-gradients.ts';
import { prepareEncoders } from '../../src/trainer/weights/prepare.ts';
import { array, summary, summaryError } from './formula.ts';
import { fixedTemperature, modelConfig } from './tiny.ts';

const place = (path: string): string => new URL(`../fixtures/trainer/${path}`, import.meta.url).pathname;

type Summary = [number, number, number];
interface Reference {
  captions: string[];
  ids: number[][];
  image: number[][];
  text: number[][];
  patches: Summary;
  states: Summary;
  logits: number[][];
  loss: number;
  larger: number[][];
  class: number[][];
  gradients: Record<string, Summary>;
}
/** transformers in float64, and its names of arrays: test/reference/towers.py. */
const expected = JSON.parse(readFileSync(place('towers.json'), 'utf8')) as Record<'clip' | 'vit', Reference>;

const engines: [string, () => Promise<Engine>][] = [
  ['eager', () => createCpuEngine('a test')],
  ['compiled', () => createOnnxEngine({ provider: 'cpu', threads: 1 }, 'a test')],
];
const opened: Engine[] = [];
afterAll(() => opened.forEach((engine) => engine.dispose()));

const whole = (weights: string): ModelConfig => {
  const config = modelConfig('late');
  return {
    ...config,
    weights,
    image_encoder: { ...config.image_encoder, name: 'clip' },
    text_encoder: { ...config.text_encoder, name: 'clip' },
  };
};
const loss = { ...fixedTemperature, loaded: true, learn_temperature: true };

async function clip(imageSize = 32) {
  const config = whole(place('clip'));
  const encoders = await prepareEncoders(config, imageSize);
  const model = buildModel(config, loss, encoders.shapes);
  return { encoders, model, arrays: await encoders.initialArrays(model, 1) };
}

/** What is fed of the fixture's captions and pictures. */
function batchOf(ids: number[][], side = 32): Values {
  const length = Math.max(...ids.map((row) => row.length));
  const tokenIds = new Int32Array(ids.length * length);
  const mask = new Float32Array(ids.length * length);
  ids.forEach((row, at) => {
    tokenIds.set(row, at * length);
    mask.fill(1, at * length, at * length + row.length);
  });
  const own = Int32Array.from(ids, (_, at) => at);
  const pixels = array('clip pixels', ids.length * side * side * 3);
  return { pixels, token_ids: tokenIds, mask, image_ids: own, caption_ids: own };
}

const largest = (got: ArrayLike<number>, wanted: number[][]): number =>
  Math.max(...wanted.flat().map((value, at) => Math.abs(got[at]! - value)));

describe.each(engines)('%s, as transformers computes it', (_, create) => {
  const engine = create().then((one) => (opened.push(one), one));
  const run = async (of: TensorFunction, specs: Parameters<Engine['compile']>[1], feeds: Values) =>
    (await (await engine).compile(of, specs)).run(feeds);

  it('a whole CLIP: both towers, logits, loss and every gradient', async () => {
    const { model, arrays, encoders } = await clip();
    const { captions, ids, ...wanted } = expected.clip;
    expect(captions.map((caption) => Array.from(encoders.tokenizer.encode(caption, 16)))).toEqual(ids);
    const specs = stepSpecs(model, { batch: ids.length, imageSize: 32, length: 16 });
    const feeds = { ...arrays, ...batchOf(ids) };
    const features = await run(
      (inputs): Record<string, tf.Tensor> => {
        const image = model.encodeImages(evaluating(inputs), inputs['pixels']!);
        const text = model.encodeTexts(evaluating(inputs), inputs['token_ids']!, inputs['mask']!);
        return {
          image: image.pooled,
          text: text.pooled,
          patches: image.regions,
          states: tf.mul(text.tokens, tf.expandDims(inputs['mask']!, 2)),
          logits: tf.mul(tf.matMul(image.pooled, text.pooled, false, true), tf.exp(inputs['logit_scale']!)),
        };
      },
      specs,
      feeds,
    );
    for (const name of ['image', 'text', 'logits'] as const)
      expect(largest(features[name]!, wanted[name]), name).toBeLessThan(1e-4);
    for (const name of ['patches', 'states'] as const)
      expect(summaryError(summary(name, features[name]!), wanted[name]), name).toBeLessThan(1e-4);

    const step = await run(lossAndGradients(model), specs, feeds);
    expect(Math.abs(step['loss']![0]! - wanted.loss)).toBeLessThan(1e-4);
    const top = Math.max(...Object.values(wanted.gradients).map(([norm]) => norm));
    const names = Object.keys(wanted.gradients).map((name) => [name, ourName(name)] as const);
    expect(names.map(([, ours]) => ours).sort()).toEqual(model.parameters.map(({ name }) => name).sort());
    for (const [name, ours] of names) {
      const reference = wanted.gradients[name]!;
      const got = summary(name, step[`grad/${ours}`]!);
      // A key's bias shifts all scores of a query alike: its gradient is 0 but for rounding (transformers' softmax is in float32).
      if (reference[0] < 1e-8 * top) expect(got[0] / top, name).toBeLessThan(1e-5);
      else expect(summaryError(got, reference), name).toBeLessThan(1e-3);
    }
  });

  it('a CLIP for larger images: its positions are brought to their patches', async () => {
    const { model, arrays, encoders } = await clip(48);
    expect(encoders.notes.some((note) => note.includes('positions of 4 patches are brought to the 9'))).toBe(
      true,
    );
    const count = expected.clip.larger.length;
    const { image } = await run(
      (inputs) => ({ image: model.encodeImages(evaluating(inputs), inputs['pixels']!).pooled }),
      { ...parameterSpecs(model), pixels: { shape: [count, 48, 48, 3], dtype: 'float32' } },
      { ...arrays, pixels: array('larger pixels', count * 48 * 48 * 3) },
    );
    expect(largest(image!, expected.clip.larger)).toBeLessThan(1e-4);
  });

  it('a ViT: states and every gradient', async () => {
    const config = modelConfig('late');
    const named = { ...config.image_encoder, name: 'vit', weights: place('vit') } as const;
    const encoders = await prepareEncoders({ ...config, image_encoder: named }, 32);
    const model = buildModel({ ...config, image_encoder: named }, fixedTemperature, encoders.shapes);
    const arrays = await encoders.initialArrays(model, 1);
    const shape = encoders.shapes.image;
    if (shape?.kind !== 'vit') throw new Error(`it is a ${shape?.kind}`);
    const own = model.parameters.filter(({ branch }) => branch === 'image');
    const probe = array('weights of outputs', 3 * 5 * 24);
    const outputs = await run(
      (inputs) => {
        const product = (...values: tf.Tensor[]): tf.Scalar => {
          const pass = {
            inputs: { ...inputs, ...Object.fromEntries(own.map(({ name }, at) => [name, values[at]!])) },
            training: true,
            statistics: {},
          };
          const states = visionTransformer(pass, shape, 'image_encoder.', inputs['pixels']!);
          return tf.sum(tf.mul(states, inputs['probe']!));
        };
        const { grads } = tf.valueAndGrads(product)(own.map(({ name }) => inputs[name]!));
        const states = visionTransformer(evaluating(inputs), shape, 'image_encoder.', inputs['pixels']!);
        return { states, ...Object.fromEntries(own.map(({ name }, at) => [`grad/${name}`, grads[at]!])) };
      },
      {
        ...Object.fromEntries(
          own.map((of) => [of.name, { shape: [...of.shape], dtype: 'float32' as const }]),
        ),
        pixels: { shape: [3, 32, 32, 3], dtype: 'float32' },
        probe: { shape: [3, 5, 24], dtype: 'float32' },
      },
      {
        ...Object.fromEntries(own.map(({ name }) => [name, arrays[name]!])),
        pixels: array('vit pixels', 3 * 32 * 32 * 3),
        probe,
      },
    );
    const { gradients, states, class: first } = expected.vit;
    expect(summaryError(summary('states', outputs['states']!), states)).toBeLessThan(1e-4);
    const classes = [0, 1, 2].flatMap((row) =>
      Array.from(outputs['states']!.slice(row * 5 * 24, row * 5 * 24 + 24)),
    );
    expect(largest(classes, first)).toBeLessThan(1e-4);
    const top = Math.max(...Object.values(gradients).map(([norm]) => norm));
    expect(Object.keys(gradients).sort()).toEqual(
      own.map(({ name }) => name.slice('image_encoder.'.length)).sort(),
    );
    for (const [name, reference] of Object.entries(gradients)) {
      const got = summary(name, outputs[`grad/image_encoder.${name}`]!);
      if (reference[0] < 1e-8 * top) expect(got[0] / top, name).toBeLessThan(1e-5);
      else expect(summaryError(got, reference), name).toBeLessThan(1e-3);
    }
  });
});

/** Our name of one of transformers' CLIPModel's arrays. */
const ourName = (name: string): string =>
  name
    .replace('vision_model.', 'image_encoder.')
    .replace('text_model.', 'text_encoder.')
    .replace('visual_projection', 'image_projection');
