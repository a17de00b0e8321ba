import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { join } from 'node:path';
import type { RunConfig } from '../../src/experiment/config.ts';
import { readEvents } from '../../src/store/events.ts';
import { readRunFile } from '../../src/store/run-folder.ts';
import { createOnnxEngine } from '../../src/trainer/engines/onnx.ts';
import { initialArrays } from '../../src/trainer/model/initial.ts';
import { buildModel, type Model } from '../../src/trainer/model/model.ts';
import { createOptimizer } from '../../src/trainer/optimizer/optimizer.ts';
import { trainRun } from '../../src/trainer/run.ts';
import { lossAndGradients, stepSpecs } from '../../src/trainer/step/loss-and-gradients.ts';
import { smallProject, type SmallProject } from './small-run.ts';
import {
  fixedTemperature,
  modelConfig,
  noiseBatch,
  optimizerConfig,
  tinyImageSize,
  tinyShapes,
} from './tiny.ts';

const learnt = (model: Model): string[] =>
  model.parameters.filter((spec) => model.isTrainable(spec)).map(({ name }) => name);

describe('the last layers of an encoder learn, and nothing below them', () => {
  const config = modelConfig('late');
  const model = buildModel(
    {
      ...config,
      image_encoder: { ...config.image_encoder, train: { last: 1 } },
      text_encoder: { ...config.text_encoder, train: { last: 1 }, dropout: 0.1 },
    },
    fixedTemperature,
    tinyShapes,
  );

  it('the last stage of a ResNet and the last layer of a BERT, with the projections', () => {
    // tinyShapes: two stages of one block, two layers.
    for (const name of learnt(model))
      expect(name).toMatch(
        /^(image_encoder\.layer2\.0|text_encoder\.encoder\.layer\.1|(image|text)_projection)\./,
      );
    // conv1, bn1, conv2, bn2 and the shortcut's two: 3 weights and 3 norms of 2; 16 arrays of a BERT's layer; 2 projections.
    expect(learnt(model)).toHaveLength(9 + 16 + 2);
  });

  it('they alone have gradients, batch statistics, dropout and moments', async () => {
    const arrays = initialArrays(model.parameters, 1);
    const engine = await createOnnxEngine({ provider: 'cpu', threads: 1 }, 'a test');
    const step = await engine.compile(
      lossAndGradients(model),
      stepSpecs(model, { batch: 4, imageSize: tinyImageSize, length: 8 }),
    );
    const dropout = model.dropoutShapes(4, 8);
    expect(Object.keys(dropout)).toHaveLength(3);
    for (const name in dropout) expect(name).toContain('text_encoder.encoder.layer.1.');
    const masks = Object.fromEntries(
      Object.entries(dropout).map(([name, shape]) => [
        name,
        new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1),
      ]),
    );
    const outputs = await step.run({ ...arrays, ...noiseBatch(4, tinyImageSize, 8), ...masks });
    const of = (prefix: string) =>
      Object.keys(outputs)
        .filter((name) => name.startsWith(prefix))
        .map((name) => name.slice(prefix.length));
    expect(of('grad/').sort()).toEqual(learnt(model).sort());
    for (const name of of('stat/')) expect(name).toMatch(/^image_encoder\.layer2\./);
    expect(of('stat/')).toHaveLength(6); // mean and variance of three norms
    const optimizer = createOptimizer(model, optimizerConfig(), arrays);
    expect(Object.keys(optimizer.state.firstMoments).sort()).toEqual(learnt(model).sort());
    engine.dispose();
  });

  it('more layers than there are is refused', () => {
    const image_encoder = { ...config.image_encoder, train: { last: 3 } };
    expect(() => buildModel({ ...config, image_encoder }, fixedTemperature, tinyShapes)).toThrow(
      'The image encoder has 2 layers, and its last 3 are to learn.',
    );
  });
});

it('heads, bodies and layers have rates of their own', () => {
  const model = buildModel(modelConfig('late'), fixedTemperature, tinyShapes);
  const arrays = initialArrays(model.parameters, 1);
  const before = structuredClone(arrays);
  const config = {
    ...optimizerConfig(),
    weight_decay: 0,
    clip_norm: null,
    layer_decay: 0.5,
    head_rate: { image: 1, text: null },
  };
  const optimizer = createOptimizer(model, config, arrays);
  const gradients = Object.fromEntries(
    Object.entries(optimizer.gradients).map(([name, array]) => [name, array.slice().fill(0.1)]),
  );
  optimizer.update(gradients, { image: 1e-3, text: 1e-4, fusion: 1e-2, scale: 0, image_head: 0.1 });
  // AdamW's first step moves by the whole rate: g / |g|.
  const moved = (name: string): number => before[name]![0]! - arrays[name]![0]!;
  const wanted = {
    'image_projection.weight': 0.1,
    'text_projection.weight': 1e-2,
    'image_encoder.layer2.0.conv1.weight': 0.5e-3,
    'image_encoder.layer1.0.conv1.weight': 0.25e-3,
    'image_encoder.conv1.weight': 0.125e-3,
    'text_encoder.encoder.layer.1.output.dense.weight': 0.5e-4,
    'text_encoder.encoder.layer.0.output.dense.weight': 0.25e-4,
    'text_encoder.embeddings.position_embeddings.weight': 0.125e-4,
  };
  for (const [name, rate] of Object.entries(wanted))
    expect(Math.abs(moved(name) / rate - 1), name).toBeLessThan(1e-2); // weights of about 1 are rounded to 6e-8
});

describe('a whole CLIP', () => {
  let project: SmallProject;
  beforeAll(async () => void (project = await smallProject()));
  afterAll(() => project.remove());

  it.each(['info_nce', 'sigmoid'] as const)(
    'is measured before its first step, and goes on (%s)',
    async (kind) => {
      const config = project.config((of: RunConfig) => {
        of.data.image_size = 32;
        of.model.weights = join(import.meta.dirname, '../fixtures/trainer/clip');
        of.model.image_encoder = { ...of.model.image_encoder, name: 'clip', weights: null };
        of.model.text_encoder = { ...of.model.text_encoder, name: 'clip', weights: null };
        of.loss = { ...of.loss, kind, loaded: true, learn_temperature: true };
      });
      const dir = await project.createRun(config);
      expect(await trainRun(dir)).toBe('finished');
      const events = await readEvents(dir);
      const evaluated = events.flatMap((event) => (event.kind === 'eval' ? [event] : []));
      expect(evaluated.map(({ step }) => step)).toEqual([0, 3, 6]);
      const steps = events.flatMap((event) => (event.kind === 'step' ? [event.metrics] : []));
      // The fixture's own temperature, exp(-2.6592), is where it starts.
      expect(steps[0]!['train/temperature']).toBeCloseTo(Math.exp(-2.6592), 6);
      expect(steps.every((metrics) => Number.isFinite(metrics['train/loss']))).toBe(true);
      if (kind === 'sigmoid') {
        expect(steps[0]!['train/logit_bias']).toBeCloseTo(-10, 1);
        // ln 8 + 7 ln(8/7): what a score that is the same for all pairs gives at best.
        expect(evaluated[0]!.chance!['val/loss']!.mean).toBeCloseTo(3.01417, 4);
      }
      expect((await readRunFile(dir)).status).toBe('finished');
    },
  );
});
