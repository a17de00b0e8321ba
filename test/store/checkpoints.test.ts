import { cp, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  bestCheckpoint,
  checkpointSteps,
  dropCheckpointsAfter,
  dropOptimizerStates,
  latestCheckpoint,
  optimizerStates,
  pruneCheckpoints,
  writeCheckpoint,
} from '../../src/store/checkpoints.ts';
import type { Tensors } from '../../src/store/tensors.ts';
import { aRun } from './a-config.ts';

const weights = (value: number): Tensors => ({
  'image_encoder.conv1.weight': { dtype: 'F32', shape: [2, 2], data: new Float32Array(4).fill(value) },
});
const content = (value: number) => ({
  model: weights(value),
  optimizer: weights(-value),
  state: { rng: [value, 2] },
});

describe('checkpoints', () => {
  test('the newest comes back to the last bit', async () => {
    const dir = await aRun();
    expect(await latestCheckpoint(dir)).toBeNull();
    await writeCheckpoint(dir, 10, content(0.1));
    await writeCheckpoint(dir, 20, content(1 / 3));
    const checkpoint = (await latestCheckpoint(dir))!;
    expect(checkpoint.step).toBe(20);
    expect(checkpoint.model).toEqual(weights(1 / 3));
    expect(checkpoint.optimizer).toEqual(weights(-1 / 3));
    expect(checkpoint.state).toEqual({ rng: [1 / 3, 2] });
    expect(checkpoint.note).toBeNull();
  });

  test('without the optimizer a checkpoint is its model, also when the removal was cut off', async () => {
    const dir = await aRun();
    await writeCheckpoint(dir, 10, content(1), { best: true });
    await writeCheckpoint(dir, 20, content(2));
    const place = join(dir, 'checkpoints/step-20/optimizer.safetensors');
    const bytes = await readFile(place);
    expect(await optimizerStates(dir)).toEqual(
      [20, 10].map((step) => ({
        file: join(dir, `checkpoints/step-${step}/optimizer.safetensors`),
        bytes: bytes.length,
      })),
    );
    await dropOptimizerStates(dir);
    expect(await optimizerStates(dir)).toEqual([]);
    expect(await latestCheckpoint(dir)).toMatchObject({
      step: 20,
      model: weights(2),
      optimizer: {},
      note: null,
    });
    expect((await bestCheckpoint(dir))!.model).toEqual(weights(1));
    // Killed after the manifest was written: the file is still there, and the next removal takes it.
    await writeFile(place, bytes);
    expect(await latestCheckpoint(dir)).toMatchObject({ step: 20, optimizer: {}, note: null });
    await dropOptimizerStates(dir);
    expect(await optimizerStates(dir)).toEqual([]);
  });

  test('a step can be written again after a resume', async () => {
    const dir = await aRun();
    await writeCheckpoint(dir, 10, content(1));
    await writeCheckpoint(dir, 10, content(2));
    expect((await latestCheckpoint(dir))!.model).toEqual(weights(2));
    expect(await readdir(join(dir, 'checkpoints'))).toEqual(['step-10']);
  });

  test.each([
    ['cut', (file: string) => truncate(file, 100)],
    ['empty', (file: string) => truncate(file, 0)],
    [
      'one bit flipped',
      async (file: string) => {
        const bytes = await readFile(file);
        bytes[bytes.length - 1]! ^= 1;
        await writeFile(file, bytes);
      },
    ],
  ])(
    'a newest checkpoint that is damaged (%s) falls back to the one before, with a note',
    async (_how, damage) => {
      for (const part of ['model.safetensors', 'optimizer.safetensors', 'state.json']) {
        const dir = await aRun();
        await writeCheckpoint(dir, 10, content(1));
        const newest = await writeCheckpoint(dir, 20, content(2));
        await damage(join(newest, part));
        const checkpoint = (await latestCheckpoint(dir))!;
        expect(checkpoint.step).toBe(10);
        expect(checkpoint.note).toMatch(/step 20 is damaged.*from step 10/);
      }
    },
  );

  test('a state of other numbers is damage; one that does not say what it must be is taken', async () => {
    const dir = await aRun();
    await writeCheckpoint(dir, 10, content(1));
    const file = join(
      await writeCheckpoint(dir, 20, { ...content(2), state: { best: 0.25, worst: NaN } }),
      'state.json',
    );
    const written = await readFile(file, 'utf8');
    expect((await latestCheckpoint(dir))!.state).toEqual({ best: 0.25, worst: 'NaN' });
    await writeFile(file, written.replace('0.25', '0.35'));
    expect((await latestCheckpoint(dir))!.note).toMatch(/step 20 is damaged/);
    await writeFile(file, written.replace(/,"state":"[0-9a-f]{64}"/, ''));
    expect((await latestCheckpoint(dir))!.step).toBe(20);
  });

  test('a folder whose name is not the step of its state is passed over, and no step of such a name goes on', async () => {
    const dir = await aRun();
    const whole = await writeCheckpoint(dir, 10, content(1));
    for (const name of ['step-999999999999', 'step-010', `step-${'9'.repeat(30)}`])
      await cp(whole, join(dir, 'checkpoints', name), { recursive: true });
    const checkpoint = (await latestCheckpoint(dir))!;
    expect([checkpoint.step, checkpoint.model]).toEqual([10, weights(1)]);
    expect(checkpoint.note).toMatch(
      /^The checkpoint of step 999999999999 is damaged: its state is of step 10, so its folder was copied or renamed\. Going on from step 10\.$/,
    );
    await dropCheckpointsAfter(dir, 10);
    expect(await checkpointSteps(dir)).toEqual([10]);
  });

  test('only damaged ones: an error that says so, not a fresh start', async () => {
    const dir = await aRun();
    await truncate(join(await writeCheckpoint(dir, 10, content(1)), 'model.safetensors'), 3);
    await expect(latestCheckpoint(dir)).rejects.toThrow(/step 10 is damaged.*start the run again/);
  });

  test('pruning keeps the newest and the best, and removes what a killed writer left', async () => {
    const dir = await aRun();
    for (const step of [1, 2, 3, 4, 5]) await writeCheckpoint(dir, step, content(step), { best: step === 2 });
    await mkdir(join(dir, 'checkpoints', '.writing-6'));
    await pruneCheckpoints(dir, { keep: 2 });
    expect(await checkpointSteps(dir)).toEqual([5, 4, 2]);
    expect((await bestCheckpoint(dir))!.step).toBe(2);
    await pruneCheckpoints(dir, { keep: 0 });
    expect(await checkpointSteps(dir)).toEqual([5, 2]);
    // Nothing beside them: a kill between a checkpoint and a word on it would lose the best.
    expect(await readdir(join(dir, 'checkpoints'))).toEqual(['step-2', 'step-5']);
  });

  test('the best that an earlier version marked beside the checkpoints is known until a later one is the best', async () => {
    const dir = await aRun();
    for (const step of [1, 2, 3]) await writeCheckpoint(dir, step, content(step));
    await writeFile(join(dir, 'checkpoints', 'best.json'), '{"step":1}\n');
    await pruneCheckpoints(dir, { keep: 1 });
    expect(await checkpointSteps(dir)).toEqual([3, 1]);
    expect((await bestCheckpoint(dir))!.step).toBe(1);
    await writeCheckpoint(dir, 4, content(4), { best: true });
    expect((await bestCheckpoint(dir))!.step).toBe(4);
  });

  test('half a checkpoint is not seen', async () => {
    const dir = await aRun();
    await mkdir(join(dir, 'checkpoints', '.writing-7'), { recursive: true });
    await writeFile(join(dir, 'checkpoints', '.writing-7', 'model.safetensors'), 'x');
    expect(await latestCheckpoint(dir)).toBeNull();
    await writeCheckpoint(dir, 7, content(7));
    expect((await latestCheckpoint(dir))!.step).toBe(7);
  });

  test('a run that goes on earlier drops later checkpoints', async () => {
    const dir = await aRun();
    for (const step of [10, 20, 30]) await writeCheckpoint(dir, step, content(step));
    await dropCheckpointsAfter(dir, 10);
    expect(await checkpointSteps(dir)).toEqual([10]);
  });
});
