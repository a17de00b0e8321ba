import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/trainer/engines/cpu.ts';
import type { Engine } from '../../src/trainer/engines/engine.ts';
import { createEngine } from '../../src/trainer/engines/pick.ts';
import { normalised } from '../../src/trainer/model/pixels.ts';
import { ofClip, ofVit } from '../../src/data/images/preprocessing.ts';

// Pixels and what transformers' image processors make of them: test/reference/towers.py.
const expected = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/trainer/towers.json'), 'utf8'),
) as Record<'clip' | 'vit', { photograph: { pixels: string; normalised: number[] } }>;
const side = 32;

const engines: Record<string, () => Promise<Engine>> = {
  cpu: () => createCpuEngine('a test'),
  onnx: () => createEngine('onnx', { engine: 'onnx', provider: 'cpu', threads: 1 }, 'a test'),
};

async function onEngine(engine: Engine, pixels: Uint8Array, settings: Parameters<typeof normalised>[1]) {
  const spec = { shape: [pixels.length / (side * side * 3), side, side, 3], dtype: 'uint8' as const };
  const step = await engine.compile(({ pixels: bytes }) => ({ out: normalised(bytes!, settings) }), {
    pixels: spec,
  });
  const { out } = await step.run({ pixels });
  step.dispose();
  return out as Float32Array;
}

describe.each(Object.keys(engines))('8-bit pixels are normalised on the %s engine', (name) => {
  it.each([
    ['clip', ofClip],
    ['vit', ofVit],
  ] as const)('as %s’s image processor does', async (kind, settings) => {
    const { photograph } = expected[kind];
    const bytes = new Uint8Array(Buffer.from(photograph.pixels, 'base64'));
    const values = await onEngine(await engines[name]!(), bytes, settings);
    photograph.normalised.forEach((value, colour) =>
      expect(values[(3 * side + 5) * 3 + colour]).toBeCloseTo(value, 5),
    );
  });

  it('to within two roundings of float32, whatever the value', async () => {
    const bytes = Uint8Array.from({ length: 2 * side * side * 3 }, (_, i) => Math.floor(i / 3) % 256);
    const values = await onEngine(await engines[name]!(), bytes, ofClip);
    const { mean, deviation } = ofClip;
    // 2^-23 of the largest number that is added up, 1 / deviation, once for the product and once for the sum.
    values.forEach((value, i) => {
      const exact = (bytes[i]! / 255 - mean[i % 3]!) / deviation[i % 3]!;
      expect(Math.abs(value - exact)).toBeLessThan((2 * 2 ** -23) / deviation[i % 3]!);
    });
  });
});
