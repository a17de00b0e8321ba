import fc from 'fast-check';
import { appendFile, cp, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunState } from '../../src/protocol/state.ts';
import { crc32c, maskedCrc32c } from '../../src/store/tensorboard/crc32c.ts';
import { openTensorBoardLog } from '../../src/store/tensorboard/read.ts';
import { openTensorBoardWriter, record, scalarEvent } from '../../src/store/tensorboard/write.ts';
import { aFolder } from './a-config.ts';

const cases = join(import.meta.dirname, '../cases/events');
const fixtures = join(import.meta.dirname, '../fixtures/store');

interface Expected {
  points: Record<string, number>;
  non_finite?: number;
  superseded?: number;
  shown?: number;
  goes_back?: number;
}

const curves = (state: RunState): Record<string, [number, number][]> =>
  Object.fromEntries(
    [...state.series].map(([name, { length, steps, values }]) => [
      name,
      Array.from({ length }, (_, index): [number, number] => [steps[index]!, values[index]!]),
    ]),
  );

async function read(folder: string): Promise<RunState> {
  const log = openTensorBoardLog(folder);
  await log.update();
  return log.state;
}

const at = (step: number): number => 1_735_689_600_000 + 1000 * step;
const scalar = (step: number, values: Record<string, number>, time = at(step)): Buffer =>
  record(scalarEvent(time, step, values));

describe('TensorBoard logs: the cases', async () => {
  const expected = (
    JSON.parse(await readFile(join(cases, '../expected.json'), 'utf8')) as {
      events: Record<string, Expected>;
    }
  ).events;
  for (const [name, right] of Object.entries(expected))
    test(name, async () => {
      const state = await read(join(cases, name));
      const written = [...state.series].map(([tag, series]) => [tag, series.length + series.superseded]);
      expect(Object.fromEntries(written)).toEqual(right.points);
      const [loss] = [...state.series.values()];
      if (right.superseded !== undefined) expect(loss!.superseded).toBe(right.superseded);
      if (right.shown !== undefined) expect(loss!.length).toBe(right.shown);
      if (right.non_finite !== undefined)
        expect([...loss!.values.subarray(0, loss!.length)].filter(Number.isNaN)).toHaveLength(
          right.non_finite,
        );
      if (right.goes_back !== undefined) expect(state.marks).toHaveLength(right.goes_back);
      for (const { length, steps } of state.series.values())
        for (let i = 1; i < length; i++) expect(steps[i]!).toBeGreaterThan(steps[i - 1]!);
      // A log without scalars says so, and nothing else is to be said of these.
      const isEmpty = Object.keys(right.points).length === 0;
      expect(state.notes.map(({ code }) => code)).toEqual(isEmpty ? ['no_scalars'] : []);
    });

  test('values are those of the table', async () => {
    expect(curves(await read(join(cases, 'plain')))['train/loss']!.at(-1)).toEqual([19, Math.fround(2.1)]);
    expect(curves(await read(join(cases, 'tensors')))).toEqual({
      loss: [0, 1, 2, 3, 4, 5].map((step) => [step, step + 1]),
    });
    const nan = curves(await read(join(cases, 'nan')))['train/loss']!;
    expect(nan.filter(([, value]) => Number.isNaN(value)).map(([step]) => step)).toEqual([
      5, 7, 15, 16, 17, 18, 19,
    ]);
    const restarted = curves(await read(join(cases, 'restart-said')))['train/loss']!;
    expect(restarted.map(([step]) => step)).toEqual(Array.from({ length: 16 }, (_, step) => step));
    expect(restarted[10]).toEqual([10, 1]);
    expect(curves(await read(join(cases, 'two-starts')))['train/loss']).toEqual(
      Array.from({ length: 8 }, (_, step) => [step, 1]),
    );
  });
});

describe('TensorBoard logs as they grow', () => {
  test('every case gives the same, read whole or a byte at a time', async () => {
    for (const name of await readdir(cases)) {
      const folder = await aFolder();
      const log = openTensorBoardLog(folder);
      for (const file of (await readdir(join(cases, name))).sort()) {
        const bytes = await readFile(join(cases, name, file));
        await writeFile(join(folder, file), '');
        for (let from = 0; from < bytes.length; from += 5) {
          await appendFile(join(folder, file), bytes.subarray(from, from + 5));
          await log.update();
        }
      }
      await log.update();
      const whole = await read(join(cases, name));
      expect(curves(log.state)).toEqual(curves(whole));
      expect(log.state.notes.map(({ message }) => message)).toEqual(
        whole.notes.map(({ message }) => message),
      );
      expect(log.state.marks.map(({ step }) => step)).toEqual(whole.marks.map(({ step }) => step));
    }
  });

  test('the rest of a torn record makes its point appear', async () => {
    const folder = await aFolder();
    const [file] = await readdir(join(cases, 'torn'));
    await cp(join(cases, 'torn'), folder, { recursive: true });
    const log = openTensorBoardLog(folder);
    await log.update();
    expect(log.state.series.get('train/loss')!.length).toBe(9);
    expect(await log.update()).toBe(false);
    // The file's last 7 bytes, as make.py cut them off: of the value 1.0 its last 3, then the checksum.
    const last = scalar(9, { 'train/loss': 1 });
    await appendFile(join(folder, file!), last.subarray(-7));
    expect(await log.update()).toBe(true);
    expect(curves(log.state)['train/loss']!.at(-1)).toEqual([9, 1]);
  });

  test('both of two writers are followed', async () => {
    const folder = await aFolder();
    await cp(join(cases, 'two-writers'), folder, { recursive: true });
    const log = openTensorBoardLog(folder);
    await log.update();
    const [first, second] = (await readdir(folder)).sort();
    await appendFile(join(folder, first!), scalar(10, { 'train/loss': 0.5 }, at(20)));
    await appendFile(join(folder, second!), scalar(12, { 'eval/loss': 1.5 }, at(25)));
    await log.update();
    expect(curves(log.state)['train/loss']!.at(-1)).toEqual([10, 0.5]);
    expect(curves(log.state)['eval/loss']!.at(-1)).toEqual([12, 1.5]);
    await appendFile(join(folder, first!), scalar(11, { 'train/loss': 0.25 }, at(26)));
    await log.update();
    expect(log.state.series.get('train/loss')!.length).toBe(12);
    expect(log.state.marks).toEqual([]);
  });

  test('one tag from two files at the same time: two curves, whichever file grows', async () => {
    const folder = await aFolder();
    const [a, b] = ['a.tfevents.1', 'b.tfevents.2'].map((name) => join(folder, name)) as [string, string];
    const log = openTensorBoardLog(folder);
    for (let step = 0; step < 5; step++) {
      await appendFile(a, scalar(step, { loss: 1 }, at(2 * step)));
      await appendFile(b, scalar(step, { loss: 2 }, at(2 * step + 1)));
      await log.update();
    }
    const both = {
      loss: [0, 1, 2, 3, 4].map((step) => [step, 1]),
      'loss (2)': [0, 1, 2, 3, 4].map((step) => [step, 2]),
    };
    expect(curves(log.state)).toEqual(both);
    expect(curves(await read(folder))).toEqual(both);
    // A third file, after both: it goes on with the first curve.
    await writeFile(join(folder, 'c.tfevents.3'), scalar(3, { loss: 3 }, at(60)));
    await log.update();
    expect(curves(log.state)['loss']).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
      [3, 3],
    ]);
    expect(log.state.series.get('loss')!.superseded).toBe(2);
  });

  test('a second file is joined to the first, point by point as it grows', async () => {
    const folder = await aFolder();
    await writeFile(
      join(folder, 'tfevents.1'),
      Buffer.concat([0, 1, 2, 3].map((step) => scalar(step, { loss: 1, other: 1 }))),
    );
    const log = openTensorBoardLog(folder);
    await log.update();
    for (let step = 2; step < 7; step++) {
      await appendFile(join(folder, 'tfevents.2'), scalar(step, { loss: 2 }, at(100 + step)));
      await log.update();
      expect(curves(log.state)).toEqual(curves(await read(folder)));
    }
    expect(curves(log.state)['loss']).toEqual([
      [0, 1],
      [1, 1],
      [2, 2],
      [3, 2],
      [4, 2],
      [5, 2],
      [6, 2],
    ]);
    expect(log.state.series.get('loss')!.superseded).toBe(2);
    expect(log.state.marks.map(({ text }) => text)).toEqual(['restarted at step 2']);
  });

  test('a file that was replaced, cut or deleted is forgotten', async () => {
    const folder = await aFolder();
    const file = join(folder, 'tfevents.1');
    await writeFile(file, Buffer.concat([1, 2, 3].map((step) => scalar(step, { loss: step }))));
    const log = openTensorBoardLog(folder);
    await log.update();
    await truncate(file, scalar(1, { loss: 1 }).length);
    await log.update();
    expect(curves(log.state)).toEqual({ loss: [[1, 1]] });
    await writeFile(`${folder}/new`, Buffer.concat([5, 6, 7].map((step) => scalar(step, { acc: step }))));
    await rename(`${folder}/new`, file);
    await log.update();
    expect(curves(log.state)).toEqual({
      acc: [
        [5, 5],
        [6, 6],
        [7, 7],
      ],
    });
    await rm(file);
    expect(await log.update()).toBe(true);
    expect(curves(log.state)).toEqual({});
  });

  test('a folder that is not there is told; one without event files is waited for', async () => {
    const folder = await aFolder();
    await expect(openTensorBoardLog(join(folder, 'none')).update()).rejects.toThrow(/was not found/);
    await mkdir(join(folder, 'below'));
    await writeFile(join(folder, 'notes.txt'), 'x');
    const log = openTensorBoardLog(folder);
    expect(await log.update()).toBe(false);
    await writeFile(join(folder, 'events.out.tfevents.1.host'), scalar(1, { loss: 1 }));
    expect(await log.update()).toBe(true);
  });
});

describe('damage', () => {
  const good = Buffer.concat([1, 2, 3, 4].map((step) => scalar(step, { loss: step })));
  const size = good.length / 4;

  test('a wrong checksum or length ends the file there, with a note; other files go on', async () => {
    for (const byte of [2 * size + 20, 2 * size + 2, 3 * size - 1]) {
      const folder = await aFolder();
      const bytes = Buffer.from(good);
      bytes[byte]! ^= 0x40;
      await writeFile(join(folder, 'tfevents.1'), bytes);
      await writeFile(join(folder, 'tfevents.2'), scalar(7, { acc: 1 }));
      const state = await read(folder);
      expect(curves(state)).toEqual({
        loss: [
          [1, 1],
          [2, 2],
        ],
        acc: [[7, 1]],
      });
      expect(state.notes.map(({ message }) => message)).toEqual([
        expect.stringMatching(
          new RegExp(
            `tfevents.1 is damaged .* at byte ${2 * size}\\): ${2 * size} bytes of this file are not read\\.`,
          ),
        ) as string,
      ]);
    }
  });

  test('a write that was under way is no damage once it is whole', async () => {
    const folder = await aFolder();
    const file = join(folder, 'tfevents.1');
    const zeros = Buffer.concat([good.subarray(0, 3 * size + 12), Buffer.alloc(size - 12)]);
    await writeFile(file, zeros);
    const log = openTensorBoardLog(folder);
    await log.update();
    expect(log.state.notes).toHaveLength(1);
    expect(await log.update()).toBe(false);
    await writeFile(file, Buffer.concat([good, scalar(5, { loss: 5 })]));
    await log.update();
    expect(curves(log.state)['loss']).toHaveLength(5);
    expect(log.state.notes).toEqual([]);
  });

  test('whatever bytes there are: no exception, and records before them stay', async () => {
    const folder = await aFolder();
    const file = join(folder, 'tfevents.1');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.boolean(), async (bytes, wrapped) => {
        await writeFile(file, Buffer.concat([good, wrapped ? record(bytes) : bytes]));
        const state = await read(folder);
        expect(state.series.get('loss')!.length).toBeGreaterThanOrEqual(4);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the writer', () => {
  test('CRC-32C is that of RFC 3720, masked as TFRecord does', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(maskedCrc32c(new Uint8Array(0))).toBe(0xa282ead8);
  });

  test('makes the bytes that TensorBoard makes', async () => {
    // test/reference/tensorboard_events.py wrote these two events with tensorboard's own RecordWriter.
    const bytes = await readFile(
      join(fixtures, 'tensorboard-writer', 'events.out.tfevents.1735689600.fixture'),
    );
    const ours = Buffer.concat([
      scalar(0, { 'train/loss': 4.25 }, 1_735_689_600_250),
      scalar(5_000_000_000, { 'train/loss': NaN, 'val/recall@1': 0, é: -Infinity }, 1_735_689_601_500),
    ]);
    expect(ours.toString('hex')).toBe(bytes.toString('hex'));
  });

  test('what it writes comes back; a resumed run supersedes what came after its checkpoint', async () => {
    const dir = await aFolder();
    const first = await openTensorBoardWriter(dir, { timeMs: at(0) });
    for (let step = 1; step <= 12; step++) first.scalars(step, at(step), { 'train/loss': step, x: NaN });
    await first.close();
    const second = await openTensorBoardWriter(dir, { timeMs: at(100), resumedAt: 10 });
    second.scalars(11, at(111), { 'train/loss': 0 });
    await second.flush();
    const state = await read(join(dir, 'tensorboard'));
    expect(curves(state)['train/loss']!.map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(curves(state)['train/loss']!.at(-1)).toEqual([11, 0]);
    expect(state.series.get('x')!.length).toBe(10);
    await second.close();
  });

  test('two writers of one second get different files', async () => {
    const dir = await aFolder();
    const writers = await Promise.all([1, 2, 3].map(() => openTensorBoardWriter(dir, { timeMs: 5000 })));
    for (const writer of writers) await writer.close();
    expect(await readdir(join(dir, 'tensorboard'))).toHaveLength(3);
  });
});

describe('logs of other programs', () => {
  test.each(['pytorch', 'tensors-of-all-types', 'other-plugins'])('%s', async (name) => {
    const expected = JSON.parse(await readFile(join(fixtures, `${name}.json`), 'utf8')) as unknown;
    expect(JSON.parse(JSON.stringify(curves(await read(join(fixtures, name)))))).toEqual(expected);
  });
});
