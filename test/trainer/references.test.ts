import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FusionConfig, ScheduleConfig } from '../../src/experiment/config.ts';
import { createCpuEngine } from '../../src/trainer/engines/cpu.ts';
import type { Engine } from '../../src/trainer/engines/engine.ts';
import { createOnnxEngine } from '../../src/trainer/engines/onnx.ts';
import { objectiveOf, samePairs } from '../../src/trainer/loss.ts';
import { crossAttentionFusion } from '../../src/trainer/model/cross-attention.ts';
import { buildFusion } from '../../src/trainer/model/fusion.ts';
import { maskedMean } from '../../src/trainer/model/layers.ts';
import { buildModel, type Model } from '../../src/trainer/model/model.ts';
import type { Arrays, ParameterSpec } from '../../src/trainer/model/parameter.ts';
import { createOptimizer } from '../../src/trainer/optimizer/optimizer.ts';
import { rankBothWays } from '../../src/trainer/evaluation/ranks.ts';
import { middleRank, rankAfterRerank, rankOfBest, recall } from '../../src/trainer/evaluation/recall.ts';
import { createSchedule } from '../../src/trainer/optimizer/schedule.ts';
import { lossAndGradients, stepSpecs } from '../../src/trainer/step/loss-and-gradients.ts';
import { array, parameter, summary, summaryError, uniform } from './formula.ts';
import { inBlocks } from './similarity-matrix.ts';
import { fixedTemperature, modelConfig, optimizerConfig, tinyShapes } from './tiny.ts';

function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/trainer/${name}.json`, import.meta.url), 'utf8')) as T;
}

const engines: Record<string, () => Promise<Engine>> = {
  cpu: () => createCpuEngine('a test'),
  onnx: () => createOnnxEngine({ provider: 'cpu', threads: 1 }, 'a test'),
};

describe('losses are those of open_clip, and of loops over single pairs (test/reference/loss.py)', () => {
  const [batch, regions, length, imageWidth, textWidth, dim] = [5, 4, 6, 12, 8, 16];
  const lengths = [6, 3, 5, 2, 4];
  const mask = Float32Array.from({ length: batch * length }, (_, i) =>
    i % length < lengths[Math.floor(i / length)]! ? 1 : 0,
  );
  const references =
    fixture<Record<string, { loss: number; gradients: Record<string, [number, number, number]> }>>('loss');

  const cases: [string, FusionConfig['kind'], number, number][] = [
    ['late', 'late', 1, 2],
    ['repeated', 'late', 1, 2],
    ['cross_attention 1', 'cross_attention', 1, 2],
    ['cross_attention 2', 'cross_attention', 2, 2],
    ['cross_attention 1 in parts', 'cross_attention', 1, 2],
    ['cross_attention 2 in parts', 'cross_attention', 2, 2],
    ['early 1', 'early', 1, 2],
    ['early 2', 'early', 2, 9],
    ['sigmoid', 'late', 1, 2],
    ['sigmoid repeated', 'late', 1, 2],
    ['sigmoid early 1', 'early', 1, 2],
  ];
  it.each(cases.flatMap((row) => ['cpu', 'onnx'].map((engine) => [...row, engine] as const)))(
    '%s',
    async (name, kind, layers, hardNegatives, engineName) => {
      const config = { kind, layers, heads: 2, dim, hard_negatives: hardNegatives };
      const twoPictures = 2 * regions * batch * length; // of five: parts of 2, 2 and 1
      const fusion = name.endsWith('in parts')
        ? crossAttentionFusion(config, imageWidth, textWidth, twoPictures)
        : buildFusion(config, imageWidth, textWidth);
      const isSigmoid = name.startsWith('sigmoid');
      const spec = { branch: 'fusion', kind: 'parameter', initial: { kind: 'constant', value: 0 } } as const;
      const trainable: ParameterSpec[] = [
        ...fusion.parameters,
        { ...spec, name: 'regions', shape: [batch, regions, imageWidth] },
        { ...spec, name: 'states', shape: [batch, length, textWidth] },
        { ...spec, name: 'logit_scale', shape: [] },
        ...(isSigmoid ? [{ ...spec, name: 'logit_bias', shape: [] }] : []),
      ];
      const engine = await engines[engineName]!();
      const compiled = await engine.compile(
        (inputs) => {
          const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
            const own = { ...inputs, ...Object.fromEntries(trainable.map((of, i) => [of.name, values[i]!])) };
            const pass = { inputs: own, training: true, statistics: {} };
            const states = own['states'] as tf.Tensor3D;
            const regionsOf = own['regions'] as tf.Tensor3D;
            return fusion.loss(
              pass,
              fusion.projectImage(pass, regionsOf, tf.mean(regionsOf, 1) as tf.Tensor2D),
              fusion.projectText(pass, states, maskedMean(states, own['mask']!), own['mask']!),
              samePairs(own['image_ids']!, own['caption_ids']!),
              objectiveOf(isSigmoid ? 'sigmoid' : 'info_nce', own['logit_scale']!, own['logit_bias'] ?? null),
            );
          })(trainable.map((of) => inputs[of.name]!));
          return { loss: value, ...Object.fromEntries(trainable.map((of, i) => [of.name, grads[i]!])) };
        },
        {
          ...Object.fromEntries(
            trainable.map((of) => [of.name, { shape: [...of.shape], dtype: 'float32' as const }]),
          ),
          mask: { shape: [batch, length], dtype: 'float32' },
          image_ids: { shape: [batch], dtype: 'int32' },
          caption_ids: { shape: [batch], dtype: 'int32' },
        },
      );
      const isRepeated = name.endsWith('repeated');
      const got = await compiled.run({
        ...Object.fromEntries(trainable.map((of) => [of.name, parameter(of)])),
        regions: array('regions', batch * regions * imageWidth),
        states: array('states', batch * length * textWidth),
        logit_scale: Float32Array.of(Math.log(10)),
        logit_bias: Float32Array.of(-3),
        mask,
        image_ids: Int32Array.from(isRepeated ? [0, 1, 0, 3, 4] : [0, 1, 2, 3, 4]),
        caption_ids: Int32Array.from(isRepeated ? [0, 1, 2, 3, 1] : [0, 1, 2, 3, 4]),
      });
      const reference = references[name.replace(' in parts', '')]!;
      // The reference is in float64. A loss is a mean of some hundred float32 roundings (6e-8); a gradient's elements are differences of
      // products, which lose up to three digits of seven: 9e-5 of a gradient's norm was the most.
      expect(Math.abs(got['loss']![0]! / reference.loss - 1)).toBeLessThan(1e-5);
      expect(trainable.map((of) => of.name).sort()).toEqual(Object.keys(reference.gradients).sort());
      const top = Math.max(...Object.values(reference.gradients).map(([norm]) => norm));
      for (const [of, expected] of Object.entries(reference.gradients)) {
        if (expected[0] < 1e-10 * top) expect(summary(of, got[of]!)[0] / top, of).toBeLessThan(1e-5);
        else expect(summaryError(summary(of, got[of]!), expected), of).toBeLessThan(1e-4);
      }
    },
  );
});

describe('AdamW and clipping are torch’s over 20 steps', () => {
  const shapes = {
    'image_encoder.w': [3, 4],
    'image_encoder.b': [4],
    'text_encoder.w': [5, 2],
    logit_scale: [1],
  };
  const references =
    fixture<
      Record<
        'global' | 'branch',
        { norms: (number | Record<string, number>)[]; parameters: Record<string, number[]> }
      >
    >('optimizer');
  const specs: ParameterSpec[] = Object.entries(shapes).map(([name, shape]) => ({
    name,
    shape,
    branch: name.startsWith('image') ? 'image' : name.startsWith('text') ? 'text' : 'scale',
    kind: 'parameter',
    initial: { kind: 'constant', value: 0 },
  }));
  it.each(['global', 'branch'] as const)('clipped by %s', (clipBy) => {
    const model = { parameters: specs, isTrainable: () => true } as unknown as Model; // the optimizer asks for nothing else
    const arrays: Arrays = Object.fromEntries(specs.map((spec) => [spec.name, parameter(spec)]));
    const config = {
      ...optimizerConfig(),
      beta2: 0.98,
      eps: 1e-6,
      weight_decay: 0.1,
      clip_by: clipBy,
    };
    const optimizer = createOptimizer(model, config, arrays);
    const rates = { image: 1e-2, text: 3e-3, fusion: 0, scale: 1e-2 };
    const reference = references[clipBy];
    for (let step = 0; step < 20; step++) {
      const gradients = Object.fromEntries(
        specs.map(({ name }) => [
          `grad/${name}`,
          array(`gradient ${step} ${name}`, arrays[name]!.length, 0.1 + 0.1 * step),
        ]),
      );
      const report = optimizer.update(gradients, rates);
      const expected = reference.norms[step]!;
      if (typeof expected === 'number') expect(report.norm).toBeCloseTo(expected, 5);
      else
        for (const branch in expected)
          expect(report.norms[branch as 'image']).toBeCloseTo(expected[branch]!, 5);
    }
    for (const { name } of specs)
      reference.parameters[name]!.forEach((value, i) =>
        // Weights of up to 1, each update rounded to float32's 6e-8: 20 of them at worst 1.2e-6.
        expect(Math.abs(arrays[name]![i]! - value)).toBeLessThan(2e-6),
      );
  });

  it('a gradient that is not finite changes nothing and is named', () => {
    const model = { parameters: specs, isTrainable: () => true } as unknown as Model;
    const arrays: Arrays = Object.fromEntries(specs.map((spec) => [spec.name, parameter(spec)]));
    const before = structuredClone(arrays);
    const optimizer = createOptimizer(model, optimizerConfig(), arrays);
    const gradients = Object.fromEntries(
      specs.map(({ name }) => [`grad/${name}`, new Float32Array(arrays[name]!.length)]),
    );
    gradients['grad/text_encoder.w']![3] = NaN;
    const report = optimizer.update(gradients, { image: 1, text: 1, fusion: 1, scale: 1 });
    expect(report.skippedBranch).toBe('text');
    expect(arrays).toEqual(before);
    expect(optimizer.state.updates).toBe(0);
  });
});

describe('schedules are transformers’', () => {
  it.each(Object.entries(fixture<Record<string, number[]>>('schedule')))('%s', (name, rates) => {
    const [kind, warmup] = name.split(' ');
    const schedule = createSchedule(
      { kind: kind as ScheduleConfig['kind'], warmup: Number(warmup), final_fraction: 0 },
      100,
    );
    rates.forEach((rate, i) => expect(schedule(7 * i)).toBeCloseTo(rate, 12));
  });

  it('end at the final fraction', () => {
    for (const kind of ['linear', 'cosine'] as const)
      expect(createSchedule({ kind, warmup: 10, final_fraction: 0.1 }, 100)(100)).toBeCloseTo(0.1, 12);
  });
});

describe('ranks and recall are those of sorting (test/reference/recall.py)', () => {
  const [pictures, captions, rerank] = [7, 17, 4];
  const rounded = (name: string) =>
    uniform(name, pictures * captions).map((value) => roundHalfEven(value * 8) / 8);
  const similarity = rounded('similarity');
  const fused = rounded('fused');
  const imageOfText = Int32Array.from({ length: captions }, (_, t) => t % pictures);
  it.each(
    Object.entries(
      fixture<Record<string, { ranks: number[]; recall: Record<string, number>; median: number }>>('recall'),
    ),
  )('%s', async (name, expected) => {
    const [direction, isReranked] = name.split(' ') as ['image_to_text' | 'text_to_image', string?];
    const side = direction === 'image_to_text' ? 'images' : 'texts';
    const { ranks: pooled, candidates } = (
      await rankBothWays(inBlocks(similarity, pictures, captions, 5), imageOfText, rerank)
    )[side];
    const ranks = [...pooled].map((rank, query) => {
      if (!isReranked) return rank;
      const places = candidates.of(query);
      const scores = Float64Array.from(places, (at) =>
        side === 'images' ? fused[query * captions + at]! : fused[at * captions + query]!,
      );
      const right = [...imageOfText.keys()].filter((t) => imageOfText[t] === query);
      return rankAfterRerank(
        rank,
        places,
        scores,
        new Set(side === 'images' ? right : [imageOfText[query]!]),
      );
    });
    expect(ranks).toEqual(expected.ranks);
    for (const k in expected.recall) expect(recall(ranks, Number(k))).toBeCloseTo(expected.recall[k]!, 12);
    expect(middleRank(ranks)).toBe(expected.median);
  });

  it('a model that finds everything alike, or NaN, gets nothing', () => {
    expect(rankOfBest([0.5, 0.5, 0.5], new Set([0]))).toBe(3);
    expect(rankOfBest([NaN, NaN, NaN], new Set([0]))).toBe(3);
  });
});

/** numpy's rounding. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

describe('30 steps give PyTorch’s losses (test/reference/trajectory.py)', () => {
  const reference = fixture<{ losses: number[]; norms: number[]; scale: number }>('trajectory');
  const [batch, side, length, vocabulary] = [8, 16, 8, 200];
  let model: Model;
  beforeAll(
    () =>
      void (model = buildModel(
        modelConfig('late'),
        { ...fixedTemperature, learn_temperature: true },
        tinyShapes,
      )),
  );

  it.each(['cpu', 'onnx'])('%s', async (engineName) => {
    const engine = await engines[engineName]!();
    const arrays: Arrays = Object.fromEntries(model.parameters.map((spec) => [spec.name, parameter(spec)]));
    arrays['logit_scale'] = Float32Array.of(Math.log(10));
    const optimizer = createOptimizer(model, optimizerConfig(), arrays);
    const schedule = createSchedule({ kind: 'cosine', warmup: 5, final_fraction: 0 }, 30);
    const compiled = await engine.compile(
      lossAndGradients(model),
      stepSpecs(model, { batch, imageSize: side, length }),
    );
    const ids = Int32Array.from({ length: batch }, (_, i) => i);
    let worst = 0;
    // Relative errors of float32 (6e-8 a rounding) that 30 updates carry on; the largest seen were 3e-7 of a loss and 8e-7 of a norm. A wrong
    // decay, correction or schedule is off by more than 1e-5 after two steps.
    for (let step = 0; step < 30; step++) {
      const outputs = await compiled.run({
        ...arrays,
        pixels: array(`pixels ${step % 4}`, batch * side * side * 3),
        token_ids: Int32Array.from(array(`ids ${step % 4}`, batch * length), (value) =>
          Math.min(vocabulary - 1, Math.floor(((value + 1) * vocabulary) / 2)),
        ),
        mask: Float32Array.from({ length: batch * length }, (_, i) =>
          i % length < 3 + (Math.floor(i / length) % 6) ? 1 : 0,
        ),
        image_ids: ids,
        caption_ids: ids,
      });
      const rate = 1e-3 * schedule(step);
      const { norm } = optimizer.update(outputs, {
        image: rate,
        text: rate,
        fusion: rate,
        scale: rate,
      });
      worst = Math.max(worst, Math.abs(outputs['loss']![0]! / reference.losses[step]! - 1));
      expect(Math.abs(norm / reference.norms[step]! - 1), `norm of step ${step}`).toBeLessThan(1e-5);
    }
    console.log(`${engineName}: losses differ by at most ${worst.toExponential(1)}`);
    expect(worst).toBeLessThan(1e-5);
    expect(arrays['logit_scale'][0]!).toBeCloseTo(reference.scale, 5);
    compiled.dispose();
  });
});
