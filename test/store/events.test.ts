import fc from 'fast-check';
import { spawn } from 'node:child_process';
import { appendFile, mkdir, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { needs } from '../needs.ts';
import type { RunEvent } from '../../src/protocol/events.ts';
import { toJson } from '../../src/protocol/numbers.ts';
import { followEvents, openEventWriter, readEvents } from '../../src/store/events.ts';
import { aFolder } from './a-config.ts';

const step = (number: number, loss = 1 / number): RunEvent => ({
  kind: 'step',
  time: 1_735_689_600_000 + number,
  step: number,
  metrics: { 'train/loss': loss },
});
const all: RunEvent[] = [
  {
    kind: 'started',
    time: 1,
    step: 0,
    steps: 3,
    steps_per_epoch: 3,
    batch_size: 4,
    engine: 'onnx',
    provider: 'cpu',
    device: 'CPU',
    threads: 2,
    clip_norm: null,
    train_pairs: 12,
    val_pairs: 3,
  },
  step(1, NaN),
  {
    kind: 'skipped',
    time: 2,
    step: 1,
    branch: 'image',
    in_a_row: 1,
    last_finite_norm: { image: Infinity, text: 0.5 },
  },
  step(2, -Infinity),
  { kind: 'eval', time: 3, step: 2, metrics: { 'val/recall@1': 0.25, 'val/loss': Infinity } },
  {
    kind: 'note',
    time: 4,
    step: 2,
    severity: 'warning',
    code: 'bad_pictures',
    message: 'ünreadable "x"\n',
    items: ['a'],
  },
  { kind: 'checkpoint', time: 5, step: 2, best: true },
  {
    kind: 'finding',
    time: 5,
    step: 2,
    severity: 'error',
    code: 'at_chance',
    key: 'data.augment.crop',
    message: 'm',
    advice: 'a',
    evidence: { loss: 3.5, last_finite_norm: NaN },
    change: { path: 'data.augment.crop', value: [0.8, 1] },
  },
  { kind: 'ended', time: 6, step: 2, status: 'diverged', reason: 'r' },
];

async function write(dir: string, events: RunEvent[]): Promise<void> {
  const writer = await openEventWriter(dir);
  for (const event of events) writer.write(event);
  await writer.close();
}

describe('events', () => {
  test('come back as they were written, non-finite numbers included', async () => {
    const dir = await aFolder();
    expect(await readEvents(dir)).toEqual([]);
    await write(dir, all);
    expect(await readEvents(dir)).toEqual(all);
    expect(await readFile(join(dir, 'events.jsonl'), 'utf8')).toContain('"train/loss":"NaN"');
  });

  test('whatever numbers and names there are', async () => {
    const events = fc.array(
      fc.record({
        kind: fc.constant('step' as const),
        time: fc.nat(),
        step: fc.nat(),
        metrics: fc.dictionary(fc.string(), fc.double()),
      }),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(events, async (written) => {
        const dir = await aFolder();
        await write(dir, written);
        expect((await readEvents(dir)).map(toJson)).toEqual(written.map(toJson));
      }),
      { numRuns: 30 },
    );
  });

  test('a file cut at any byte is read up to its last whole line, and goes on after it', async () => {
    const dir = await aFolder();
    const file = join(dir, 'events.jsonl');
    const events = [
      step(1, NaN),
      all[6]!,
      { kind: 'ended', time: 6, step: 2, status: 'stopped' },
    ] satisfies RunEvent[];
    await write(dir, events);
    const whole = await readFile(file);
    for (let length = 0; length <= whole.length; length++) {
      await writeFile(file, whole.subarray(0, length));
      const lines = whole.subarray(0, length).filter((byte) => byte === 10).length;
      expect(await readEvents(dir)).toEqual(events.slice(0, lines));
      await write(dir, [step(9)]);
      expect(await readEvents(dir)).toEqual([...events.slice(0, lines), step(9)]);
    }
  });

  test('lines of a later version, and damaged ones, are passed over', async () => {
    const dir = await aFolder();
    await writeFile(
      join(dir, 'events.jsonl'),
      [
        '{"kind":"dance","time":1,"step":1}',
        '{}',
        'null',
        '[]',
        '\0\0\0',
        '{"kind":"step","time":"x","step":1}',
        '',
      ].join('\n') + `${toJson(step(4))}\r\n`,
    );
    expect(await readEvents(dir)).toEqual([step(4)]);
  });

  test('a line longer than the reading buffer is read', async () => {
    const dir = await aFolder();
    const long: RunEvent = {
      kind: 'note',
      time: 1,
      step: 1,
      severity: 'info',
      code: 'x',
      message: 'é'.repeat(5_000_000),
    };
    await write(dir, [step(1), long, step(2)]);
    expect(await readEvents(dir)).toEqual([step(1), long, step(2)]);
  });

  test('events stand in the file soon without a flush, a checkpoint at once', async () => {
    const dir = await aFolder();
    const writer = await openEventWriter(dir);
    writer.write(step(1));
    expect(await readEvents(dir)).toEqual([]);
    await expect.poll(() => readEvents(dir)).toHaveLength(1);
    writer.write(step(2));
    writer.write({ kind: 'checkpoint', time: 1, step: 2, best: false });
    expect(await readEvents(dir)).toHaveLength(3);
    await writer.close();
  });

  test.runIf(needs(existsSync('/dev/full'), '/dev/full'))('a full disk is told in words', async () => {
    const dir = await aFolder();
    const { symlink } = await import('node:fs/promises');
    await symlink('/dev/full', join(dir, 'events.jsonl'));
    const writer = await openEventWriter(dir);
    expect(() => writer.write({ kind: 'checkpoint', time: 1, step: 2, best: false })).toThrow(
      /disk is full.*Free some space/,
    );
    await expect(writer.flush()).rejects.toThrow(/disk is full/);
    await expect(writer.close()).rejects.toThrow(/disk is full/);
  });
});

describe('following', () => {
  async function follow(
    dir: string,
  ): Promise<{ seen: RunEvent[]; resets: number[]; stop: () => Promise<void> }> {
    const abort = new AbortController();
    const seen: RunEvent[] = [];
    const resets: number[] = [];
    const done = followEvents(dir, {
      signal: abort.signal,
      intervalMs: 5,
      onEvents: (events) => seen.push(...events),
      onReset: () => resets.push(seen.splice(0).length),
    });
    return { seen, resets, stop: () => (abort.abort(), done) };
  }

  test('begins before the file is there, waits for torn lines, and ends when told', async () => {
    const dir = await aFolder();
    const file = join(dir, 'events.jsonl');
    const { seen, stop } = await follow(dir);
    await appendFile(file, `${toJson(step(1))}\n{"kind":"step","ti`);
    await expect.poll(() => seen).toEqual([step(1)]);
    await appendFile(file, `me":${1_735_689_600_002},"step":2,"metrics":{"train/loss":0.5}}\n`);
    await expect.poll(() => seen).toEqual([step(1), step(2)]);
    await stop();
    await appendFile(file, `${toJson(step(3))}\n`);
    expect(seen).toHaveLength(2);
  });

  test('a resumed trainer that drops a torn line goes on seamlessly', async () => {
    const dir = await aFolder();
    await writeFile(join(dir, 'events.jsonl'), `${toJson(step(1))}\n{"kind":"step","time":17356896000`);
    const { seen, resets, stop } = await follow(dir);
    await expect.poll(() => seen).toEqual([step(1)]);
    await write(dir, [step(2)]);
    await expect.poll(() => seen).toEqual([step(1), step(2)]);
    expect(resets).toEqual([]);
    await stop();
  });

  test('a file that was replaced or cut short is read anew', async () => {
    const dir = await aFolder();
    const file = join(dir, 'events.jsonl');
    await write(dir, [step(1), step(2), step(3)]);
    const { seen, resets, stop } = await follow(dir);
    await expect.poll(() => seen).toHaveLength(3);
    await truncate(file, 0);
    await write(dir, [step(7)]);
    await expect.poll(() => seen).toEqual([step(7)]);
    await writeFile(`${file}.new`, `${toJson(step(8))}\n${toJson(step(9))}\n${toJson(step(10))}\n`);
    await rename(`${file}.new`, file);
    await expect.poll(() => seen).toEqual([step(8), step(9), step(10)]);
    expect(resets).toEqual([3, 1]);
    await stop();
  });

  test('a trainer killed at any moment leaves a file that opens', async () => {
    const dir = await aFolder();
    await mkdir(join(dir, 'x'));
    const program = `
      const { writeSync, openSync } = require('node:fs');
      const file = openSync(process.argv[1], 'a');
      for (let step = 1; ; step++) writeSync(file, JSON.stringify({ kind: 'step', time: step, step, metrics: { a: step } }) + '\\n');`;
    for (let round = 1; round <= 3; round++) {
      const child = spawn(process.execPath, ['-e', program, join(dir, 'events.jsonl')], { stdio: 'ignore' });
      await expect.poll(async () => (await readEvents(dir)).length, { timeout: 10_000 }).toBeGreaterThan(10);
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      await write(dir, [{ kind: 'ended', time: 1, step: 1, status: 'failed' }]);
      expect((await readEvents(dir)).at(-1)).toMatchObject({ kind: 'ended' });
    }
  });
});
