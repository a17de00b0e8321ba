import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOnnxBackend } from '../../src/onnx-backend/backend.ts';
import { exportGraph } from '../../src/onnx-backend/export/export.ts';
import { olderOperators } from '../../src/onnx-backend/export/older-operators.ts';
import { sampleSizes } from '../../src/onnx-backend/export/sample-sizes.ts';
import { insideName, joinModels } from '../../src/onnx-backend/join/join.ts';
import { readSignature } from '../../src/onnx-backend/join/read-signature.ts';
import { encodeModel } from '../../src/onnx-backend/proto.ts';
import { runModel, type Buffer as Fed } from '../../src/onnx-backend/session.ts';
import { maskedMean, unitLength } from '../../src/trainer/model/layers.ts';
import { weightsMovedOut } from './weights-moved-out.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-files-'));
beforeAll(() => createOnnxBackend({ provider: 'cpu', threads: 1 }));
afterAll(() => rmSync(folder, { recursive: true }));

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures/frozen', name));

describe('sizes that symbols are recorded with', () => {
  test.each([[[Infinity, Infinity]], [[Infinity, 16]], [[12, Infinity]], [[Infinity, Infinity, 24]], [[5]]])(
    'are different, and below what is the most: %j',
    (most) => {
      const { low, high, proof } = sampleSizes(most);
      expect(new Set([...low, ...high, ...proof]).size).toBe(3 * most.length);
      for (const sizes of [low, high, proof])
        sizes.forEach((size, at) => expect(size > 1 && size < most[at]!).toBe(true));
    },
  );
});

const number = (at: number): number => Math.sin(at + 1);
const floats = (...shape: number[]): Fed => ({
  type: 'float32',
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => number(at)),
});

describe('a graph in the operators of an older version', () => {
  const weight = { shape: [4, 6], data: Float32Array.from({ length: 24 }, (_, at) => number(3 * at)) };
  const projected = (states: tf.Tensor3D, weight: tf.Tensor2D): tf.Tensor3D => {
    const [batch, length, width] = states.shape;
    const rows = tf.matMul(tf.reshape(states, [batch * length, width]), weight, false, true);
    return tf.reshape(rows, [batch, length, 4]);
  };
  const record = () =>
    exportGraph(
      (inputs) => {
        const states = inputs['states'] as tf.Tensor3D;
        const pooled = tf.matMul(
          maskedMean(states, inputs['mask']!) as tf.Tensor2D,
          inputs['weight'] as tf.Tensor2D,
          false,
          true,
        );
        const tokens = projected(states, inputs['weight'] as tf.Tensor2D);
        return { pooled: unitLength(pooled), mean: unitLength(tf.mean(tokens, 1)), tokens };
      },
      {
        states: { shape: ['batch', 'length', 6], dtype: 'float32' },
        mask: { shape: ['batch', 'length'], dtype: 'float32', fileType: 'int64' },
      },
      { weight },
    );
  const mask: Fed = { type: 'int64', shape: [2, 3], data: BigInt64Array.from([1n, 1n, 0n, 1n, 1n, 1n]) };
  const run = async (version: number) => {
    const { graph, dimensions } = await record();
    const file = join(folder, `opset-${version}.onnx`);
    writeFileSync(file, encodeModel(olderOperators(graph, version), { dimensions, standard: version }));
    expect(readSignature(readFileSync(file)).opset).toBe(version);
    return runModel(file, { states: floats(2, 3, 6), mask }, ['pooled', 'mean', 'tokens']);
  };

  test.each([11, 13, 15, 17, 18])('%i gives the same numbers', async (version) => {
    expect(await run(version)).toEqual(await run(20));
  });

  test('that lacks what is needed is told', async () => {
    await expect(run(10)).rejects.toMatchObject({ code: 'old_opset' });
  });
});

test('a model whose weights lie in a file beside it is joined with their file under another name', async () => {
  const own = fixture('vit/onnx/model.onnx');
  const pixels = floats(2, 3, 32, 32);
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('own.onnx'), own);
  const wanted = runModel(at('own.onnx'), { pixel_values: pixels }, ['last_hidden_state']);

  const { model: movedOut, data } = weightsMovedOut(own, 'model.onnx_data');
  writeFileSync(at('image.onnx_data'), data);

  const { opset } = readSignature(own);
  const part = async (from: string, to: string, shape: (number | string)[]) => {
    const { graph, dimensions } = await exportGraph(
      (inputs) => ({ [to]: tf.mul(inputs[from]!, from === 'pixel_values' ? 1 : 2) }),
      { [from]: { shape, dtype: 'float32' } },
      {},
    );
    return encodeModel(olderOperators(graph, opset), { dimensions, standard: opset });
  };
  const state = insideName('last_hidden_state');
  const joined = joinModels(
    {
      before: await part('pixel_values', insideName('pixel_values'), ['batch', 3, 32, 32]),
      middle: movedOut,
      after: await part(state, 'twice', ['batch', 17, 16]),
    },
    (name) => name.replace('model.onnx', 'image.onnx'),
  );
  writeFileSync(at('image.onnx'), joined);
  const { twice } = runModel(at('image.onnx'), { pixel_values: pixels }, ['twice']);
  const doubled = Float32Array.from(wanted['last_hidden_state'] as Float32Array, (value) => 2 * value);
  expect(twice).toEqual(doubled);
});
