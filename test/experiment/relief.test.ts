import { describe, expect, test } from 'vitest';
import type { Facts } from '../../src/experiment/checks/facts.ts';
import { checkExperiment } from '../../src/experiment/checks/check.ts';
import { reliefOf } from '../../src/experiment/checks/relief.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { memoryText, outOfMemory } from '../../src/protocol/run-memory.ts';

const text = (train: string, fusion = 'late', more = ''): string =>
  `data: { pairs: a.csv }\nmodel: { image_encoder: { name: resnet18 }, text_encoder: { name: bert-tiny }, fusion: { kind: ${fusion} } }\ntrain: { ${train} }\n${more}`;

const relief = (written: string, facts: Partial<Facts> = {}) => {
  const parsed = parseExperiment(written);
  expect(parsed.problems).toEqual([]);
  return reliefOf({ experiment: parsed.experiment!, parsed, facts });
};

const micro = (value: number) => ({ path: 'train.micro_batch', value });

// A pair keeps 46.6 MB (resolve.test.ts). Of 256 there are two batches, 0.31 GB; weights and the like are 0.32 GB, the program 0.25 GB.
describe('what to set where memory runs out', () => {
  test('is half of the batch at a time, or the largest part that the machine holds', () => {
    expect(relief(text('batch_size: 256'))).toEqual(micro(128));
    expect(relief(text('batch_size: 256'), { memory_bytes: 4e9 })).toEqual(micro(64)); // 3.86 GB
    expect(relief(text('batch_size: 256'), { memory_bytes: 3e9 })).toEqual(micro(32)); // 2.37 GB; 64 above
    expect(relief(text('batch_size: 256, micro_batch: 32'))).toEqual(micro(16));
  });

  test('is nothing that would be a new problem: batch norm of fewer than 16, fewer than 32 negatives', () => {
    expect(relief(text('batch_size: 256, micro_batch: 16'))).toBeNull();
    expect(relief(text('batch_size: 64', 'early'))).toEqual({ path: 'train.batch_size', value: 32 });
    expect(relief(text('batch_size: 32', 'early'))).toBeNull();
    for (const [train, fusion] of [
      ['batch_size: 96', 'late'],
      ['batch_size: 128, micro_batch: 64', 'cross_attention'],
      ['batch_size: 128', 'early'],
    ] as const) {
      const before = text(train, fusion);
      const { path, value } = relief(before)!;
      const key = path.slice('train.'.length);
      const others = train.split(', ').filter((each) => !each.startsWith(key));
      const after = text([...others, `${key}: ${value}`].join(', '), fusion);
      const codes = (written: string) => checkExperiment(parseExperiment(written)).map(({ code }) => code);
      expect(parseExperiment(after).problems).toEqual([]);
      expect(codes(before)).toEqual(expect.arrayContaining(codes(after)));
    }
  });

  test('divides each swept batch, and leaves alone what is swept itself', () => {
    const sweep = (values: string) => `sweep: { ${values} }\n`;
    // 48 divides 96 and not 64.
    expect(relief(text('batch_size: 96', 'late', sweep('train.batch_size: [64, 96]')))).toEqual(micro(32));
    expect(relief(text('batch_size: 96', 'early', sweep('train.batch_size: [64, 96]')))).toBeNull();
    // One of its fusions takes whole batches only.
    expect(relief(text('batch_size: 64', 'late', sweep('model.fusion.kind: [late, early]')))).toEqual({
      path: 'train.batch_size',
      value: 32,
    });
  });
});

test('memory is said by its parts; on a device without the program, which lies in the machine', () => {
  const memory = { weights: 5.4e8, training: 1.61e9, activations: 1.44e9, program: 2.5e8, relief: null };
  expect(memoryText(memory, false)).toBe(
    'about 3.8 GB: weights 540 MB, gradients and moments 1.6 GB, activations 1.4 GB, the program 250 MB',
  );
  expect(memoryText({ ...memory, training: 0 }, true)).toBe('about 2 GB: weights 540 MB, activations 1.4 GB');
});

test('a run without memory names what would fit, as a change of the file where there is one', () => {
  const memory = { weights: 1, training: 1, activations: 1, program: 1 };
  const found = outOfMemory(7, { ...memory, relief: { path: 'train.micro_batch', value: 16 } });
  expect(found.change).toEqual({ path: 'train.micro_batch', value: 16 });
  expect(found.advice).toMatch(/^Set train\.micro_batch to 16: .*, and restart the run\.$/);
  expect(outOfMemory(7, { ...memory, relief: null }).change).toBeUndefined();
  expect(outOfMemory(7, null).advice).toMatch(/^Make train\.batch_size, .* smaller/);
});
