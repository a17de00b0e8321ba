import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkOnnx } from '../../src/inference/export/check-onnx.ts';
import { writeOnnxFiles } from '../../src/inference/export/onnx.ts';
import { openFinishedModel, type FinishedModel } from '../../src/inference/finished-model.ts';
import { captures, fit, valueOf } from '../../src/onnx-backend/export/sizes.ts';
import { runModel } from '../../src/onnx-backend/session.ts';
import { trainRun } from '../../src/trainer/run.ts';
import { modelConfig } from '../trainer/tiny.ts';
import { smallProject, type SmallProject } from '../trainer/small-run.ts';

const fixtures = join(import.meta.dirname, '../fixtures/frozen');

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

let project: SmallProject;
beforeAll(async () => void (project = await smallProject(20)));
afterAll(() => project.remove());

async function written(model: FinishedModel): Promise<string> {
  const folder = mkdtempSync(join(project.folder, 'onnx-'));
  await writeOnnxFiles(model, folder);
  return folder;
}

describe.each(['late', 'cross_attention', 'early'] as const)('a %s model as ONNX files', (kind) => {
  let model: FinishedModel;
  let folder: string;

  beforeAll(async () => {
    const dir = await project.createRun(
      project.config((config) => {
        config.model.fusion = modelConfig(kind, 2, 32).fusion;
        config.train.steps = 2;
      }),
    );
    await trainRun(dir);
    model = await openFinishedModel(dir);
    folder = await written(model);
  }, 120_000);

  afterAll(() => model.dispose());

  test('gives in ONNX Runtime what the model gives, for any number of images and captions of any length', async () => {
    expect(readdirSync(folder).sort()).toEqual(
      kind === 'late' ? ['image.onnx', 'text.onnx'] : ['image.onnx', 'pair.onnx', 'text.onnx'],
    );
    expect(await checkOnnx(model, folder)).toBeLessThan(1e-5);
  });

  test('the check sees a model of other weights', async () => {
    const name = 'image_projection.weight';
    const other = {
      ...model,
      arrays: { ...model.arrays, [name]: model.arrays[name]!.map((value) => value * 1.01 + 0.01) },
    };
    await expect(checkOnnx(model, await written(other))).rejects.toThrow(/differ from the model by/);
  });

  test('names its open sizes', () => {
    const text = readFileSync(join(folder, 'text.onnx'), 'latin1');
    for (const name of ['input_ids', 'attention_mask', 'batch', 'length', 'text_embeds'])
      expect(text).toContain(name);
    const ids = new BigInt64Array(2).fill(2n);
    const one = { type: 'int64', shape: [1, 2], data: ids } as const;
    const found = runModel(join(folder, 'text.onnx'), { input_ids: one, attention_mask: one }, [
      'text_embeds',
    ]);
    expect(found['text_embeds']).toHaveLength(32);
  });
});

/** Encoders of others: the fixture that each comes from and the type of its numbers; what the files may differ from the model by. */
const others = [
  ['clip', null, 'clip', null, 1e-5],
  ['clip', 'fp16', 'bert', null, 1e-3], // token types are made inside the file
  ['siglip', null, 'siglip', null, 1e-5], // captions are padded inside the file
  ['dinov2', null, 'distilbert', null, 1e-5],
  ['vit', 'fp16', 'xlm-roberta', null, 1e-3], // halves also where numbers go in and out
  ['convnext', null, 'clip', null, 1e-5],
  ['resnet', null, 'distilbert', null, 1e-5],
  ['clip', 'int8', 'distilbert', 'int8', 1e-5],
] as const;

test.each(
  others.flatMap(([...of], at) =>
    (['late', at % 2 ? 'early' : 'cross_attention'] as const).map((kind) => [kind, ...of] as const),
  ),
)(
  '%s over %s (%s) and %s (%s) of others: each is in its file as it was',
  async (kind, image, ofImage, text, ofText, most) => {
    const dir = await project.createRun(
      project.config((config) => {
        config.model.fusion = modelConfig(kind, 1, 16).fusion;
        const auto = (name: string) => ({
          name: 'auto' as const,
          weights: join(fixtures, name),
          train: 'frozen' as const,
        });
        Object.assign(config.model.image_encoder, auto(image), { dtype: ofImage });
        Object.assign(config.model.text_encoder, auto(text), { dtype: ofText });
        config.train.steps = 1;
      }),
    );
    await trainRun(dir);
    const model = await openFinishedModel(dir);
    try {
      const worst = await checkOnnx(model, await written(model));
      expect(worst).toBeLessThan(most);
    } finally {
      model.dispose();
    }
  },
);
