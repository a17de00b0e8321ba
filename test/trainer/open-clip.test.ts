import type * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createCpuEngine } from '../../src/trainer/engines/cpu.ts';
import { evaluating } from '../../src/trainer/model/forward-pass.ts';
import { buildModel } from '../../src/trainer/model/model.ts';
import { stepSpecs } from '../../src/trainer/step/loss-and-gradients.ts';
import { prepareEncoders } from '../../src/trainer/weights/prepare.ts';
import { fromOpenClip, isOpenClip, openClipWeights } from '../../src/weights/open-clip.ts';
import { array } from './formula.ts';
import { fixedTemperature, modelConfig } from './tiny.ts';

const place = (path: string): string => new URL(`../fixtures/trainer/${path}`, import.meta.url).pathname;
const json = (path: string): unknown => JSON.parse(readFileSync(place(path), 'utf8'));
const loss = { ...fixedTemperature, loaded: true, learn_temperature: true };

it('a CLIP in open_clip’s layout gives the features that open_clip gives', async () => {
  const wanted = json('open-clip/features.json') as Record<'image' | 'text', number[][]>;
  const { clip } = json('towers.json') as { clip: { ids: number[][]; captions: string[] } };
  const ids = clip.ids.slice(0, 2);
  const plain = modelConfig('late');
  const config = {
    ...plain,
    weights: place('open-clip'),
    image_encoder: { ...plain.image_encoder, name: 'clip' as const },
    text_encoder: { ...plain.text_encoder, name: 'clip' as const },
  };
  const encoders = await prepareEncoders(config, 32);
  const model = buildModel(config, loss, encoders.shapes);
  const arrays = await encoders.initialArrays(model, 1);
  expect(clip.captions.slice(0, 2).map((text) => Array.from(encoders.tokenizer.encode(text, 16)))).toEqual(
    ids,
  );

  const length = Math.max(...ids.map((row) => row.length));
  const tokenIds = new Int32Array(2 * length);
  const mask = new Float32Array(2 * length);
  ids.forEach((row, at) => {
    tokenIds.set(row, at * length);
    mask.fill(1, at * length, at * length + row.length);
  });
  const own = Int32Array.of(0, 1);
  const pixels = array('clip pixels', 2 * 32 * 32 * 3);
  const engine = await createCpuEngine('a test');
  const compiled = await engine.compile(
    (inputs): Record<string, tf.Tensor> => ({
      image: model.encodeImages(evaluating(inputs), inputs['pixels']!).pooled,
      text: model.encodeTexts(evaluating(inputs), inputs['token_ids']!, inputs['mask']!).pooled,
    }),
    stepSpecs(model, { batch: 2, imageSize: 32, length }),
  );
  const got = await compiled.run({
    ...arrays,
    pixels,
    token_ids: tokenIds,
    mask,
    image_ids: own,
    caption_ids: own,
  });
  engine.dispose();
  for (const side of ['image', 'text'] as const)
    wanted[side].flat().forEach((value, at) => expect(Math.abs(got[side]![at]! - value)).toBeLessThan(1e-4));
});

it('a model of open_clip that is no plain CLIP is refused with what makes it another', () => {
  const vision_cfg = { image_size: 224, timm_model_name: 'convnext_base' };
  expect(() =>
    fromOpenClip({ model_cfg: { custom_text: true, vision_cfg, text_cfg: {} } }, 'hf:a/b'),
  ).toThrow(/custom_text, vision_cfg\.timm_model_name, vision_cfg\.layers/);
});

it('transformers’ files are read where both lie in a folder', () => {
  const has = (files: string[]) => (file: string) => files.includes(file);
  const own = ['open_clip_config.json', 'open_clip_model.safetensors'];
  expect(isOpenClip(has([...own, 'config.json', 'model.safetensors']))).toBe(false);
  expect(openClipWeights(has([...own, 'config.json', 'model.safetensors']))).toBeUndefined();
  expect(openClipWeights(has([...own, 'config.json', 'pytorch_model.bin']))).toBe(
    'open_clip_model.safetensors',
  );
});
