import { mkdir, symlink, writeFile, appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { documentOf } from '../../src/launcher/cli/show.ts';
import { findLogFolders } from '../../src/store/tensorboard/find.ts';
import { openTensorBoardLog } from '../../src/store/tensorboard/read.ts';
import { record, scalarEvent } from '../../src/store/tensorboard/write.ts';
import { aFolder } from './a-config.ts';

const cases = join(import.meta.dirname, '../cases/reports');

/** A file whose value at each step is its own. */
const file = (steps: number[], value: number, timeOf: (step: number) => number, tag = 'loss'): Buffer =>
  Buffer.concat(steps.map((step) => record(scalarEvent(1000 * timeOf(step), step, { [tag]: value }))));

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

async function read(folder: string) {
  const log = openTensorBoardLog(folder);
  await log.update();
  return curvesOf(log);
}

const curvesOf = ({ state }: ReturnType<typeof openTensorBoardLog>) => ({
  marks: state.marks.map(({ step }) => step),
  notes: state.notes.map(({ message }) => message),
  curves: Object.fromEntries(
    [...state.series].map(([name, { length, steps, values }]) => [
      name,
      range(0, length - 1).map((index) => `${steps[index]}:${values[index]}`),
    ]),
  ),
});

const points = (steps: number[], value: number): string[] => steps.map((step) => `${step}:${value}`);

describe('several event files of one folder', () => {
  test('a run that went on where the clock is behind is one curve', async () => {
    const { curves, marks } = await read(join(cases, 'clock-behind', 'run'));
    expect(Object.keys(curves)).toEqual(['train/loss']);
    expect(curves['train/loss']).toHaveLength(200);
    expect(curves['train/loss']!.at(-1)).toBe('200:1');
    expect(marks).toEqual([]);
  });

  test('also when its file sorts before the other, and when the first of them grows on', async () => {
    const folder = await aFolder();
    await writeFile(
      join(folder, 'tfevents.1'),
      file(range(101, 200), 2, (step) => 1000 + step),
    );
    await writeFile(
      join(folder, 'tfevents.2'),
      file(range(1, 90), 1, (step) => 1050 + step),
    );
    const log = openTensorBoardLog(folder);
    await log.update();
    await appendFile(
      join(folder, 'tfevents.2'),
      file(range(91, 100), 1, (step) => 1050 + step),
    );
    await log.update();
    expect(curvesOf(log)).toEqual({
      curves: { loss: [...points(range(1, 100), 1), ...points(range(101, 200), 2)] },
      marks: [],
      notes: [],
    });
    expect(await read(folder)).toEqual(curvesOf(log));
  });

  test('writers whose steps and times overlap stay two curves', async () => {
    const folder = await aFolder();
    await writeFile(
      join(folder, 'tfevents.1'),
      file(range(1, 10), 1, (step) => 2 * step),
    );
    await writeFile(
      join(folder, 'tfevents.2'),
      file(range(5, 15), 2, (step) => 2 * step - 9),
    );
    expect((await read(folder)).curves).toEqual({
      loss: points(range(1, 10), 1),
      'loss (2)': points(range(5, 15), 2),
    });
  });

  test('a process that begins more than ten files in a second: in the order of their numbers', async () => {
    const folder = await aFolder();
    for (const number of range(0, 11))
      await writeFile(
        join(folder, `events.out.tfevents.1700000000.host.1.${number}`),
        file([2 * number, 2 * number + 1], number, () => 1),
      );
    const { curves, marks } = await read(folder);
    expect(curves['loss']).toEqual(
      range(0, 11).flatMap((number) => points([2 * number, 2 * number + 1], number)),
    );
    expect(marks).toEqual([]);
  });

  test('an evaluation that repeats the last step is no restart; a file that goes further back is one', async () => {
    const folder = await aFolder();
    await writeFile(
      join(folder, 'tfevents.1'),
      file(range(1, 10), 1, (step) => step),
    );
    await writeFile(
      join(folder, 'tfevents.2'),
      file([10], 2, () => 20),
    );
    expect(await read(folder)).toMatchObject({
      curves: { loss: [...points(range(1, 9), 1), '10:2'] },
      marks: [],
    });
    await writeFile(
      join(folder, 'tfevents.3'),
      file([9, 10], 3, () => 30),
    );
    expect((await read(folder)).marks).toEqual([9]);
  });

  test('a log without scalars says what it has', async () => {
    const folder = await aFolder();
    await writeFile(join(folder, 'tfevents.1'), '');
    expect((await read(folder)).notes).toEqual([
      'This log has no scalar values so far: there is nothing to plot.',
    ]);
  });
});

describe('folders of logs', () => {
  test('show names the runs in a folder that has no event files itself', async () => {
    const folder = await aFolder();
    for (const name of ['version_0', 'version_1']) {
      await mkdir(join(folder, 'logs', name), { recursive: true });
      await writeFile(
        join(folder, 'logs', name, 'events.out.tfevents.1.host'),
        file([1], 1, () => 1),
      );
    }
    await expect(documentOf('logs', folder)).rejects.toThrow(
      /logs has no event files itself, the folders in it have: logs.version_0, logs.version_1\. Name one of them\.$/,
    );
    expect((await documentOf(join('logs', 'version_1'), folder)).series).toEqual({ loss: [[1, 1]] });
  });

  test('linked files and folders are found once, and links that loop end nothing', async () => {
    const folder = await aFolder();
    const elsewhere = await aFolder();
    await writeFile(
      join(elsewhere, 'tfevents.1'),
      file([1], 1, () => 1),
    );
    await symlink(elsewhere, join(folder, 'linked'));
    await symlink(elsewhere, join(folder, 'again'));
    await symlink(folder, join(folder, 'up'));
    await symlink('loop', join(folder, 'loop'));
    await symlink('nowhere', join(folder, 'tfevents.gone'));
    await mkdir(join(folder, 'of-links'));
    await symlink(join(elsewhere, 'tfevents.1'), join(folder, 'of-links', 'tfevents.2'));
    const found = (await findLogFolders(folder)).map(({ dir }) => dir);
    expect(found).toHaveLength(2);
    expect(found).toContain(join(folder, 'of-links'));
    expect(await readdir(elsewhere)).toEqual(['tfevents.1']);
  });
});
