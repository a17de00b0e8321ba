import { englishOf } from '../../src/text/say.ts';
import { expect, it } from 'vitest';
import type { RunConfig } from '../../src/experiment/config.ts';
import { longRun } from '../../src/trainer/long-run.ts';

const config = (image: string, size: number): Pick<RunConfig, 'model' | 'data'> =>
  ({
    model: {
      image_encoder: { name: image, train: 'full' },
      text_encoder: { name: 'bert-base-uncased', train: 'frozen' },
    },
    data: { image_size: size },
  }) as unknown as RunConfig; // all that is looked at

const onnx = { name: 'onnx', provider: 'cpu' } as const;

it('a run of days on a processor is told at its beginning, with what helps', () => {
  const said = englishOf(longRun(65_000, 2280, onnx, config('resnet50', 224))!);
  expect(said).toContain('A step takes 65 s on this processor: about 41 h for the 2,280 steps to come.');
  expect(said).toContain('model.image_encoder.name: resnet_small, data.image_size: 64.');
  expect(said).not.toContain('bert-mini'); // frozen: it costs little
  expect(englishOf(longRun(65_000, 22_800, onnx, config('resnet_small', 64))!)).toContain('about 17 d');
});

it('a run of a night, or one on a graphics card, is not', () => {
  expect(longRun(1_000, 30_000, onnx, config('resnet50', 224))).toBeNull();
  expect(longRun(65_000, 2280, { name: 'onnx', provider: 'cuda' }, config('resnet50', 224))).toBeNull();
  expect(
    longRun(65_000, 2280, { name: 'tensorflow_gpu', provider: null }, config('resnet50', 224)),
  ).toBeNull();
});
