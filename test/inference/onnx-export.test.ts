import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkOnnx } from '../../src/inference/export/check-onnx.ts';
import { onnxFiles } from '../../src/inference/export/onnx.ts';
import { openFinishedModel, type FinishedModel } from '../../src/inference/finished-model.ts';
import { captures, fit, valueOf } from '../../src/onnx-backend/export/sizes.ts';
import { runModel } from '../../src/onnx-backend/session.ts';
import { trainRun } from '../../src/trainer/run.ts';
import { modelConfig } from '../trainer/tiny.ts';
import { smallProject, type SmallProject } from '../trainer/small-run.ts';

describe('a size that is linear in each symbol', () => {
  const samples = { symbols: ['batch', 'length'], low: [11, 17], high: [13, 19] };
  const values = (of: (sizes: Record<string, number>) => number): number[] => captures(samples).map(of);

  test('is found with its factors', () => {
    const size = fit(
      samples,
      values(({ batch, length }) => 3 * batch! * length! + 2 * length! + 5),
    )!;
    expect(size).toEqual([
      { factor: 5, symbols: [] },
      { factor: 2, symbols: ['length'] },
      { factor: 3, symbols: ['batch', 'length'] },
    ]);
    expect(valueOf(size, { batch: 2, length: 7 })).toBe(3 * 14 + 14 + 5);
  });

  test('with parts of a whole is none', () => {
    expect(
      fit(
        samples,
        values(({ batch }) => Math.ceil(batch! / 4)),
      ),
    ).toBeNull();
  });
});

describe.each(['late', 'cross_attention', 'early'] as const)('a %s model as ONNX files', (kind) => {
  let project: SmallProject;
  let model: FinishedModel;
  let files: Map<string, Uint8Array>;

  beforeAll(async () => {
    project = await smallProject(20);
    const dir = await project.createRun(
      project.config((config) => {
        config.model.fusion = modelConfig(kind, 2, 32).fusion;
        config.train.steps = 2;
      }),
    );
    await trainRun(dir);
    model = await openFinishedModel(dir);
    files = await onnxFiles(model);
  }, 120_000);

  afterAll(async () => {
    model.dispose();
    await project.remove();
  });

  test('gives in ONNX Runtime what the model gives, for any number of images and captions of any length', async () => {
    expect([...files.keys()]).toEqual(
      kind === 'late' ? ['image.onnx', 'text.onnx'] : ['image.onnx', 'text.onnx', 'pair.onnx'],
    );
    expect(await checkOnnx(model, files)).toBeLessThan(1e-5);
  });

  test('the check sees a model of other weights', async () => {
    const name = 'image_projection.weight';
    const other = {
      ...model,
      arrays: { ...model.arrays, [name]: model.arrays[name]!.map((value) => value * 1.01 + 0.01) },
    };
    await expect(checkOnnx(model, await onnxFiles(other))).rejects.toThrow(/differ from the model by/);
  });

  test('names its open sizes', () => {
    const text = Buffer.from(files.get('text.onnx')!).toString('latin1');
    for (const name of ['input_ids', 'attention_mask', 'batch', 'length', 'text_embeds'])
      expect(text).toContain(name);
    const ids = new BigInt64Array(2).fill(2n);
    const one = { type: 'int64', shape: [1, 2], data: ids } as const;
    const found = runModel(files.get('text.onnx')!, { input_ids: one, attention_mask: one }, ['text_embeds']);
    expect(found['text_embeds']).toHaveLength(32);
  });
});
