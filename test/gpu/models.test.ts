// Ten steps of each model on the device, on Vulkan's software driver, against the processor's.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/trainer/engines/engine.ts';
import { clipNames, vitNames } from '../../src/trainer/model/pre-norm.ts';
import { needs } from '../needs.ts';
import { tinyImageSize, tinyShapes } from '../trainer/tiny.ts';
import { engineOf, lossesOfLengths, relative, trained, type Setting, type Trained } from './small-runs.ts';
import { hasSoftwareDriver, useSoftwareDriver } from './software-driver.ts';

const stack = { layers: 1, width: 16, heads: 2, intermediate: 32 };
const bert = { ...tinyShapes.text, layers: 1 };
const patches = { ...stack, imageSize: tinyImageSize, patch: 8 };
const clip = { ...stack, eps: 1e-5, activation: 'quick_gelu', names: clipNames } as const;
const resnet = { ...tinyShapes.image, depths: [1], channels: [8] };

const parts = 'two layers of cross-attention, two of four pairs at a time';
/** Beside a ResNet of basic blocks and a BERT by each fusion, which device-step.test.ts has. */
const settings: Record<string, Setting> = {
  'a ResNet of bottlenecks, by the sigmoid loss': {
    fusion: 'late',
    shapes: { image: { ...resnet, block: 'bottleneck' }, text: bert },
    loss: { kind: 'sigmoid' },
  },
  'a ViT': {
    fusion: 'late',
    shapes: {
      image: { ...patches, kind: 'vit', eps: 1e-12, activation: 'gelu', names: vitNames },
      text: bert,
    },
  },
  'both towers of a CLIP': {
    fusion: 'late',
    shapes: {
      image: { ...clip, ...patches, kind: 'clip_vision' },
      text: { ...clip, kind: 'clip_text', vocabulary: 200, positions: 40 },
    },
  },
  'a frozen ResNet and the last layer of a BERT': {
    fusion: 'late',
    image: { train: 'frozen' },
    text: { train: { last: 1 } },
  },
  [parts]: {
    fusion: 'cross_attention',
    layers: 2,
    micro: 2,
    shapes: { image: resnet, text: bert },
  },
};

describe.runIf(needs(hasSoftwareDriver, 'Chromium’s software driver for Vulkan'))('ten steps of', () => {
  const onHost = new Map<string, Trained>();
  let lossesOnHost: number[];
  let engine: Engine;
  beforeAll(async () => {
    useSoftwareDriver();
    const host = await engineOf('cpu');
    for (const [name, setting] of Object.entries(settings)) onHost.set(name, await trained(setting, host));
    lossesOnHost = await lossesOfLengths(settings[parts]!, host);
    engine = await engineOf('webgpu'); // a process uses one engine at a time
  }, 240_000);

  it('captions of two lengths', async () => {
    const losses = await lossesOfLengths(settings[parts]!, engine);
    expect(relative(losses, lossesOnHost)).toBeLessThan(1e-4);
  }, 480_000);

  it.each(Object.keys(settings))(
    '%s',
    async (name) => {
      const device = await trained(settings[name]!, engine);
      expect(relative(device.losses, onHost.get(name)!.losses)).toBeLessThan(1e-4);
      expect(relative(device.norms, onHost.get(name)!.norms)).toBeLessThan(1e-3);
      expect([...engine.leftToProcessor]).toEqual([]);
    },
    480_000,
  );
});
