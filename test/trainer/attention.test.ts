import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createAttention } from '../../src/trainer/evaluation/attention.ts';
import { createOnnxEngine } from '../../src/trainer/engines/onnx.ts';
import { buildModel } from '../../src/trainer/model/model.ts';
import { array, parameter } from './formula.ts';
import { fixedTemperature, modelConfig, tinyShapes } from './tiny.ts';

// test/reference/attention.py: torch.nn.MultiheadAttention's own weights.
const { dim, heads, layers, regions, tokens, shares } = JSON.parse(
  readFileSync(new URL('../fixtures/trainer/attention.json', import.meta.url), 'utf8'),
) as { dim: number; heads: number; layers: number; regions: number; tokens: number; shares: number[][][][] };

test('tokens look where torch’s attention looks, in every layer, averaged over the heads', async () => {
  const config = modelConfig('cross_attention', layers, dim);
  expect(config.fusion.heads).toBe(heads);
  const model = buildModel(config, fixedTemperature, tinyShapes);
  const arrays = Object.fromEntries(model.parameters.map((spec) => [spec.name, parameter(spec)]));
  const engine = await createOnnxEngine({ provider: 'cpu', threads: 1 }, '');
  const attention = createAttention(engine, model, arrays)!;
  const found = await attention.of(array('regions', regions * dim, 2), array('tokens', tokens * dim, 2));
  expect(found).toHaveLength(layers);
  found.forEach((layer, at) => {
    const mean = shares[at]![0]!.map((row, token) =>
      row.map((share, region) => (share + shares[at]![1]![token]![region]!) / 2),
    );
    expect(layer).toHaveLength(tokens * regions);
    mean.flat().forEach((share, place) => expect(layer[place]).toBeCloseTo(share, 5));
  });
  attention.dispose();
  engine.dispose();
});

test('a fusion without attention has none', async () => {
  const engine = await createOnnxEngine({ provider: 'cpu', threads: 1 }, '');
  for (const kind of ['late', 'early'] as const)
    expect(
      createAttention(engine, buildModel(modelConfig(kind), fixedTemperature, tinyShapes), {}),
    ).toBeNull();
  engine.dispose();
});
