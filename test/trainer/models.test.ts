import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/trainer/engines/cpu.ts';
import type { Engine, TensorFunction, TensorSpec } from '../../src/trainer/engines/engine.ts';
import { createOnnxEngine } from '../../src/trainer/engines/onnx.ts';
import { bert, bertParameters, bertShapes, type BertShape } from '../../src/trainer/model/bert.ts';
import { sizeOf, type Arrays, type ParameterSpec } from '../../src/trainer/model/parameter.ts';
import { resnet, resnetParameters, resnetShapes, resnetWidth } from '../../src/trainer/model/resnet.ts';
import { updateRunningStatistics } from '../../src/trainer/step/running-statistics.ts';
import { array, parameter, summary, summaryError } from './formula.ts';

type Summary = [number, number, number];
interface Reference {
  output: Summary;
  first: number[];
  gradients: Record<string, Summary>;
}
/** `float32_noise`: how far PyTorch's own float32 gradients are from its float64 ones. */
type Mode = Reference & { float32_noise: number; running: Record<string, Summary> };
interface ResNetReference {
  batch: number;
  side: number;
  eval: Mode;
  train: Mode;
}
type BertReference = Reference & { shape: BertShape; lengths: number[]; length: number };

/** torchvision's and transformers' outputs and gradients in float64: test/reference/models.py. */
const references = JSON.parse(
  readFileSync(new URL('../fixtures/trainer/models.json', import.meta.url), 'utf8'),
) as { resnet18: ResNetReference; resnet50: ResNetReference } & Record<
  'bert-tiny' | 'bert-mini' | 'bert-base-uncased',
  BertReference
>;

const engines: Record<string, () => Promise<Engine>> = {
  cpu: () => createCpuEngine('a test'),
  onnx: () => createOnnxEngine({ provider: 'cpu', threads: 2 }, 'a test'),
};

/** `output(inputs)` and the gradient of sum(output * c) for each parameter, c being the formula's array "weights of outputs". */
function withGradients(
  specs: ParameterSpec[],
  output: (inputs: Record<string, tf.Tensor>, statistics: Record<string, tf.Tensor>) => tf.Tensor,
): TensorFunction {
  const names = specs.filter((spec) => spec.kind === 'parameter').map((spec) => spec.name);
  return (inputs) => {
    const outputs: Record<string, tf.Tensor> = {};
    const statistics: Record<string, tf.Tensor> = {};
    const { grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
      const own = { ...inputs, ...Object.fromEntries(names.map((name, i) => [name, values[i]!])) };
      const result = output(own, statistics);
      outputs['output'] = tf.keep(result);
      return tf.sum(tf.mul(result, inputs['c']!)) as tf.Scalar;
    })(names.map((name) => inputs[name]!));
    names.forEach((name, i) => (outputs[`grad/${name}`] = grads[i]!));
    for (const name in statistics) outputs[`stat/${name}`] = statistics[name]!;
    return outputs;
  };
}

function specsOf(specs: ParameterSpec[], others: Record<string, TensorSpec>): Record<string, TensorSpec> {
  return {
    ...Object.fromEntries(specs.map(({ name, shape }) => [name, { shape: [...shape], dtype: 'float32' }])),
    ...others,
  };
}

/**
 * Against numbers of float64, by norm and two random projections. Float32 rounds by 6e-8; sums of up to 4,608 products and some fifty layers
 * lose two to three digits of that, so 1e-4 is left.
 */
function check(got: Record<string, ArrayLike<number>>, expected: Reference, limit = 1e-4): number {
  expect(summaryError(summary('output', got['output']!), expected.output)).toBeLessThan(1e-4);
  const scale = expected.output[0] / Math.sqrt(got['output']!.length);
  expected.first.forEach((value, i) =>
    expect(Math.abs(got['output']![i]! - value) / scale).toBeLessThan(1e-4),
  );
  expect(Object.keys(got).filter((name) => name.startsWith('grad/')).length).toBe(
    Object.keys(expected.gradients).length,
  );
  const largest = Math.max(...Object.values(expected.gradients).map(([norm]) => norm));
  let worst = 0;
  for (const [name, reference] of Object.entries(expected.gradients)) {
    // A key's bias has no gradient (softmax does not see it): only noise, held small beside the others.
    if (reference[0] < 1e-10 * largest)
      expect(summary(name, got[`grad/${name}`]!)[0] / largest).toBeLessThan(1e-5);
    else {
      const error = summaryError(summary(name, got[`grad/${name}`]!), reference);
      expect(error, name).toBeLessThan(limit);
      worst = Math.max(worst, error);
    }
  }
  return worst;
}

describe.each(['resnet18', 'resnet50'] as const)('%s is torchvision’s', (name) => {
  const { batch, side, ...modes } = references[name];
  const shape = resnetShapes[name];
  const specs = resnetParameters(shape, '');
  it.each([
    ['onnx', 'train'],
    ['onnx', 'eval'],
    ...(name === 'resnet18' ? ([['cpu', 'train']] as const) : []),
  ] as const)('%s, %s', async (engineName, mode) => {
    const engine = await engines[engineName]!();
    const arrays: Arrays = Object.fromEntries(specs.map((spec) => [spec.name, parameter(spec)]));
    const width = resnetWidth(shape);
    const fn = withGradients(specs, (inputs, statistics) =>
      tf.mean(
        resnet(
          { inputs, training: true, statistics },
          shape,
          '',
          inputs['pixels']!,
          mode === 'train' ? 0 : Infinity,
        ),
        [1, 2],
      ),
    );
    const compiled = await engine.compile(
      fn,
      specsOf(specs, {
        pixels: { shape: [batch, side, side, 3], dtype: 'float32' },
        c: { shape: [batch, width], dtype: 'float32' },
      }),
    );
    const got = await compiled.run({
      ...arrays,
      pixels: array('pixels', batch * side * side * 3),
      c: array('weights of outputs', batch * width),
    });
    // ResNet-50's gradients of a small batch amplify rounding: `float32_noise` is how far PyTorch's own float32 is from its float64.
    const worst = check(got, modes[mode], Math.max(1e-4, 3 * modes[mode].float32_noise));
    console.log(`${name} on ${engineName}, ${mode}: worst gradient ${worst.toExponential(1)}`);
    if (mode === 'train') {
      updateRunningStatistics(arrays, got);
      for (const [buffer, expected] of Object.entries(modes.train.running))
        expect(summaryError(summary(buffer, arrays[buffer]!), expected), buffer).toBeLessThan(1e-5);
    }
    compiled.dispose();
  });
});

describe.each(['bert-tiny', 'bert-mini', 'bert-base-uncased'] as const)('%s is transformers’', (name) => {
  const reference = references[name];
  const { shape, length, lengths } = reference;
  const batch = lengths.length;
  const specs = bertParameters(shape, '');
  it.each(name === 'bert-tiny' ? ['cpu', 'onnx'] : ['onnx'])('%s', async (engineName) => {
    const engine = await engines[engineName]!();
    const mask = Float32Array.from({ length: batch * length }, (_, i) =>
      i % length < lengths[Math.floor(i / length)]! ? 1 : 0,
    );
    const ids = Int32Array.from(array('token ids', batch * length), (value) =>
      Math.min(shape.vocabulary - 1, Math.floor(((value + 1) * shape.vocabulary) / 2)),
    );
    const fn = withGradients(specs, (inputs) => {
      const states = bert(
        { inputs, training: false, statistics: {} },
        shape,
        '',
        inputs['token_ids']!,
        inputs['mask']!,
      );
      return tf.mul(states, tf.expandDims(inputs['mask']!, 2));
    });
    const compiled = await engine.compile(
      fn,
      specsOf(specs, {
        token_ids: { shape: [batch, length], dtype: 'int32' },
        mask: { shape: [batch, length], dtype: 'float32' },
        c: { shape: [batch, length, shape.width], dtype: 'float32' },
      }),
    );
    const arrays = Object.fromEntries(specs.map((spec) => [spec.name, parameter(spec)]));
    const got = await compiled.run({
      ...arrays,
      token_ids: ids,
      mask,
      c: array('weights of outputs', batch * length * shape.width),
    });
    const worst = check(got, reference);
    console.log(`${name} on ${engineName}: worst gradient ${worst.toExponential(1)}`);
    compiled.dispose();
  });
});

describe('arrays have the names and the order of the originals', () => {
  // The references were written in the order of the originals' named_parameters().
  const learnt = (specs: ParameterSpec[]) =>
    specs.filter(({ kind }) => kind === 'parameter').map(({ name }) => name);
  it.each(['resnet18', 'resnet50'] as const)('%s', (name) =>
    expect(learnt(resnetParameters(resnetShapes[name], ''))).toEqual(
      Object.keys(references[name].train.gradients),
    ),
  );
  it.each(['bert-tiny', 'bert-mini', 'bert-base-uncased'] as const)('%s', (name) =>
    expect(learnt(bertParameters(references[name].shape, ''))).toEqual(
      Object.keys(references[name].gradients),
    ),
  );
});

// Published counts less what is not used: fc (512 or 2048 by 1000 and 1000 biases) and the pooler (768 by 768 and 768 biases).
it.each([
  ['resnet18', resnetParameters(resnetShapes.resnet18, ''), 11_689_512 - 513_000],
  ['resnet50', resnetParameters(resnetShapes.resnet50, ''), 25_557_032 - 2_049_000],
  ['bert-base-uncased', bertParameters(bertShapes['bert-base-uncased'], ''), 109_482_240 - 590_592],
])('%s has as many weights as the original', (_, specs, count) => {
  const sizes = specs.filter(({ kind }) => kind === 'parameter').map(({ shape }) => sizeOf(shape));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
});
