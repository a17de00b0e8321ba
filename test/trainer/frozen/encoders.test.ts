import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../../src/data/captions/tokenizer.ts';
import { decodeImage } from '../../../src/data/images/images.ts';
import { normalise, normalTable } from '../../../src/data/images/normalise.ts';
import { readPreprocessing, squeezed } from '../../../src/data/images/preprocessing.ts';
import type { EncoderType } from '../../../src/experiment/config.ts';
import { createOnnxBackend } from '../../../src/onnx-backend/backend.ts';
import { exportModel } from '../../../src/onnx-backend/export/export.ts';
import { asEncodersRead } from '../../../src/trainer/frozen/as-encoders-read.ts';
import { encoded } from '../../../src/trainer/frozen/feature-record.ts';
import type { FrozenEncoder, Rows } from '../../../src/trainer/frozen/frozen-encoder.ts';
import { imageModel } from '../../../src/trainer/frozen/image-model.ts';
import { longestText, textModel } from '../../../src/trainer/frozen/text-model.ts';
import { openOnnx } from '../../../src/weights/onnx-files.ts';
import { weightsMovedOut } from '../../onnx-backend/weights-moved-out.ts';

// Expected features come from transformers: test/reference/frozen.py made the folders.
const fixtures = join(import.meta.dirname, '../../fixtures/frozen');
const pictures = join(import.meta.dirname, '../../fixtures/data/pictures');
const processors = { threads: 1, provider: 'cpu' };

interface Expected {
  images: { file: string; pooled: number[]; regions: number[]; region_count: number }[];
  captions: { caption: string; ids: number[]; pooled: number[]; states: number[] }[];
}
const expectedOf = (name: string): Expected =>
  JSON.parse(readFileSync(join(fixtures, name, 'expected.json'), 'utf8')) as Expected;

const scratch = mkdtempSync(join(tmpdir(), 'tandem-frozen-'));
const opened: FrozenEncoder<never>[] = [];
afterAll(async () => {
  for (const encoder of opened) await encoder.dispose();
  rmSync(scratch, { recursive: true });
});

async function imagesOf(name: string, rows: Rows, type: EncoderType | null = null) {
  const source = await openOnnx(join(fixtures, name), 'image', type);
  const preprocessing = readPreprocessing(source.preprocessor!, squeezed, name);
  const side = preprocessing.side!;
  const encoder = await imageModel(source, side, rows, processors);
  opened.push(encoder);
  const table = normalTable(preprocessing);
  const pixels = await Promise.all(
    expectedOf(name).images.map(async ({ file }) => {
      const bytes = await decodeImage(readFileSync(join(pictures, file)), side, undefined, preprocessing);
      return normalise(bytes, table);
    }),
  );
  return (await encoder.compute(pixels)).each;
}

async function captionsOf(name: string, rows: Rows, type: EncoderType | null = null) {
  const source = await openOnnx(join(fixtures, name), 'text', type);
  const tokenizer = await loadTokenizer(source.vocabFile!);
  const encoder = await textModel(source, tokenizer.padId, 'mean', rows, processors);
  opened.push(encoder);
  const longest = longestText(source)!;
  const captions = expectedOf(name).captions.map(({ caption }) => tokenizer.encode(caption, longest));
  return (await encoder.compute(captions)).each;
}

function worst(got: Float32Array, right: readonly number[]): number {
  expect(got.length).toBe(right.length);
  return got.reduce((most, value, i) => Math.max(most, Math.abs(value - right[i]!)), 0);
}

describe.each(['clip', 'siglip', 'dinov2', 'vit', 'convnext', 'resnet'])('images of %s', (name) => {
  it('have its pooled vectors', async () => {
    const got = await imagesOf(name, 'pooled');
    expectedOf(name).images.forEach(({ pooled }, i) => expect(worst(got[i]!, pooled)).toBeLessThan(1e-4));
  });

  it('have its regions', async () => {
    const got = await imagesOf(name, 'all');
    expectedOf(name).images.forEach(({ regions }, i) => expect(worst(got[i]!, regions)).toBeLessThan(1e-4));
  });
});

describe.each(['clip', 'siglip', 'bert', 'distilbert', 'xlm-roberta'])('captions of %s', (name) => {
  it('have its pooled vectors', async () => {
    const got = await captionsOf(name, 'pooled');
    expectedOf(name).captions.forEach(({ pooled }, i) => expect(worst(got[i]!, pooled)).toBeLessThan(1e-4));
  });

  it('have a state for each of their own tokens', async () => {
    const got = await captionsOf(name, 'all');
    expectedOf(name).captions.forEach(({ states }, i) => {
      // SigLIP's states go on over its padding.
      const own = name === 'siglip' ? states.slice(0, got[i]!.length) : states;
      expect(worst(got[i]!, own)).toBeLessThan(1e-4);
      expect(got[i]!.length % 16).toBe(0);
    });
  });
});

it.each([
  ['clip', 'fp16', 0.01],
  ['clip', 'int8', 0.2],
  // Halves also where numbers go in and out.
  ['vit', 'fp16', 0.02],
] as const)('%s in %s is near what it is in fp32', async (name, type, tolerance) => {
  const exact = await imagesOf(name, 'pooled', 'fp32');
  const got = await imagesOf(name, 'pooled', type);
  got.forEach((vector, i) => {
    const difference = worst(vector, Array.from(exact[i]!));
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThan(tolerance);
  });
});

it('a text encoder may take its ids in 32 bits', async () => {
  await createOnnxBackend({ provider: 'cpu', threads: 1 });
  const folder = mkdtempSync(join(scratch, 'int32-'));
  cpSync(join(fixtures, 'distilbert'), folder, { recursive: true });
  const table = { shape: [140, 2], data: Float32Array.from({ length: 280 }, (_, at) => at) };
  const bytes = await exportModel(
    (inputs) => ({ last_hidden_state: tf.gather(inputs['table']!, inputs['input_ids']!) }),
    { input_ids: { shape: ['batch', 'length'], dtype: 'int32' } },
    { table },
  );
  writeFileSync(join(folder, 'onnx/model.onnx'), bytes);
  const encoder = await textModel(await openOnnx(folder, 'text', 'fp32'), 0, 'cls', 'all', processors);
  const { each } = await encoder.compute([Int32Array.of(5, 7), Int32Array.of(1)]);
  expect(each.map((states) => Array.from(states))).toEqual([
    [10, 11, 14, 15],
    [2, 3],
  ]);
  await encoder.dispose();
});

it('features of an encoder in whole numbers do not depend on what stands beside them', async () => {
  const source = await openOnnx(join(fixtures, 'distilbert'), 'text', 'int8');
  const encoder = await textModel(source, 0, 'cls', 'all', processors);
  const [one, other] = [Int32Array.of(2, 9, 3), Int32Array.of(2, 30, 40, 50, 60, 3)];
  const together = (await encoder.compute([one, other])).each;
  expect(together).toEqual([
    ...(await encoder.compute([one])).each,
    ...(await encoder.compute([other])).each,
  ]);
  await encoder.dispose();
});

describe('a folder that cannot be used is told', () => {
  const copy = (name: string): string => {
    const folder = mkdtempSync(join(scratch, `${name}-`));
    cpSync(join(fixtures, name), folder, { recursive: true });
    return folder;
  };

  it('when it has no such numbers', async () => {
    await expect(openOnnx(join(fixtures, 'distilbert'), 'text', 'fp16')).rejects.toThrow(
      'has its text encoder as fp32 and int8, not as fp16. Set model.text_encoder.dtype to fp32, or leave it out.',
    );
  });

  it('when it has no ONNX file, no config, or is not there', async () => {
    const folder = copy('vit');
    rmSync(join(folder, 'onnx'), { recursive: true });
    writeFileSync(join(folder, 'pytorch_model.bin'), '');
    await expect(openOnnx(folder, 'image', null)).rejects.toThrow(
      'holds no ONNX file of an image encoder, but pytorch_model.bin',
    );
    rmSync(join(folder, 'config.json'));
    await expect(openOnnx(folder, 'image', null)).rejects.toThrow('holds no config.json');
    await expect(openOnnx(join(folder, 'none'), 'image', null)).rejects.toThrow('There are no weights at');
  });

  it('when its file is half a download, or a pointer', async () => {
    const folder = copy('vit');
    const file = join(folder, 'onnx/model.onnx');
    truncateSync(file, 9000);
    const encoder = await imageModel(await openOnnx(folder, 'image', 'fp32'), 32, 'all', processors);
    await expect(encoder.compute([new Float32Array(32 * 32 * 3)])).rejects.toMatchObject({
      code: 'bad_weights',
      message: expect.stringContaining(`${file} (fp32) cannot be loaded`),
    });
    writeFileSync(file, 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n');
    await expect(openOnnx(folder, 'image', 'fp32')).rejects.toMatchObject({ code: 'bad_weights' });
  });

  it('when the numbers that its file names are not there; whatever their file is called, features are theirs', async () => {
    const folder = copy('vit');
    const [file, beside] = [join(folder, 'onnx/model.onnx'), join(folder, 'onnx/weights.bin')];
    const { model, data } = weightsMovedOut(readFileSync(file), 'weights.bin');
    writeFileSync(file, model);
    await expect(openOnnx(folder, 'image', 'fp32')).rejects.toThrow(
      `${file} names weights.bin, which is not beside it.`,
    );
    const keyOf = async (bytes: Buffer): Promise<string> => {
      writeFileSync(beside, bytes);
      const source = await openOnnx(folder, 'image', 'fp32');
      expect(source.files).toEqual([file, beside]);
      return (await imageModel(source, 32, 'all', processors)).key;
    };
    expect(await keyOf(data)).not.toBe(await keyOf(Buffer.alloc(data.length)));
  });

  it('when it cannot take what it is given: no image or caption is to blame', async () => {
    const image = await imageModel(await openOnnx(copy('vit'), 'image', 'fp32'), 40, 'all', processors);
    await expect(image.compute([new Float32Array(40 * 40 * 3)])).rejects.toMatchObject({
      code: 'bad_weights',
      message: expect.stringContaining(
        'takes pixel_values [batch_size, 3, 32, 32] alone, not [1, 3, 40, 40].',
      ),
    });
    const source = await openOnnx(copy('distilbert'), 'text', 'fp32');
    const text = await textModel(source, 0, 'cls', 'all', processors);
    await expect(text.compute([Int32Array.of(2, 5000, 3)])).rejects.toMatchObject({
      code: 'bad_weights',
      message: expect.stringContaining('model.onnx fails when it runs: '),
    });
    await image.dispose();
    await text.dispose();
  });

  it('when its tokenizer is likely another’s', async () => {
    const source = await openOnnx(copy('distilbert'), 'text', 'fp32');
    const notesWith = async (rows: number): Promise<string[]> => {
      const text = { ...source, config: { ...source.config, vocab_size: rows } };
      const tokenizer = await loadTokenizer(source.vocabFile!);
      const encoders = { exported: { image: null, text }, notes: [], tokenizer, preprocessing: squeezed };
      asEncodersRead({ data: { image_size: 32, max_length: 16 } } as never, encoders as never);
      return encoders.notes;
    };
    expect(await notesWith(144)).toEqual([]);
    expect(await notesWith(30_522)).toEqual([
      expect.stringContaining('tokenizer.json has 140 tokens, and the encoder has embeddings for 30522: '),
    ]);
  });

  it('when its features are no numbers', () => {
    for (const type of ['fp16', 'fp32'] as const)
      expect(() => encoded(Float32Array.of(1, NaN), 2, type, 'models/x')).toThrow(
        'The encoder models/x gives NaN or Infinity',
      );
  });

  it('when its file is another model', async () => {
    const folder = copy('vit');
    copyFileSync(join(fixtures, 'bert/onnx/model.onnx'), join(folder, 'onnx/model.onnx'));
    const encoder = await imageModel(await openOnnx(folder, 'image', 'fp32'), 32, 'all', processors);
    await expect(encoder.compute([new Float32Array(32 * 32 * 3)])).rejects.toThrow(
      'takes input_ids, attention_mask and token_type_ids, and an image encoder takes pixel_values.',
    );
  });
});
