import fc from 'fast-check';
import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/protocol/events.ts';
import { toJson } from '../../src/protocol/numbers.ts';
import { emptyRunState, foldRun, type RunState } from '../../src/protocol/state.ts';
import { createLineFolder } from '../../src/store/event-columns.ts';
import { readCurveCache, writeCurveCache } from '../../src/store/curve-cache.ts';
import { eventsOf, readEvents } from '../../src/store/events.ts';
import { readNumber } from '../../src/store/number-text.ts';
import { openRunLog } from '../../src/store/run-log.ts';
import { aFolder } from './a-config.ts';

/** What can be seen of a state: the first `length` entries of each column. */
function visible(state: RunState): unknown {
  const series = [...state.series].map(([name, { length, steps, times, values, superseded }]) => [
    name,
    superseded,
    [...steps.subarray(0, length)],
    [...times.subarray(0, length)],
    [...values.subarray(0, length)].map((value) => (Object.is(value, -0) ? 0 : value)),
  ]);
  return { ...state, series };
}

const metric = fc.constantFrom('train/loss', 'train/grad_norm/image', 'a"b\\', 'é', 'val/x');
const event: fc.Arbitrary<RunEvent> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('step' as const),
      time: fc.nat(100),
      step: fc.nat(12),
      metrics: fc.dictionary(metric, fc.oneof(fc.double(), fc.float(), fc.integer()), { maxKeys: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('eval' as const),
      time: fc.nat(100),
      step: fc.nat(12),
      metrics: fc.dictionary(metric, fc.double(), { maxKeys: 3 }),
    }),
  },
  fc.record({
    kind: fc.constant('started' as const),
    time: fc.nat(100),
    step: fc.nat(12),
  }) as fc.Arbitrary<RunEvent>,
  fc.record({
    kind: fc.constant('checkpoint' as const),
    time: fc.nat(100),
    step: fc.nat(12),
    best: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('skipped' as const),
    time: fc.nat(100),
    step: fc.nat(12),
    branch: fc.constant('image'),
    in_a_row: fc.nat(),
    last_finite_norm: fc.constant({}),
  }),
  fc.record({
    kind: fc.constant('finding' as const),
    time: fc.nat(100),
    step: fc.nat(12),
    severity: fc.constantFrom('info' as const, 'warning' as const, 'error' as const),
    code: fc.constant('at_chance'),
    key: fc.constantFrom('data.pairs', null),
    message: fc.string(),
    advice: fc.string(),
    evidence: fc.dictionary(metric, fc.double(), { maxKeys: 2 }),
  }),
);

/** Lines as other versions, other programs and accidents leave them: foreign and doubled keys, other orders and spaces, torn ends. */
const number = fc.oneof(
  fc.double().map((value) => toJson(value)),
  fc.constantFrom(
    '"NaN"',
    '"-Infinity"',
    '1e400',
    '-0',
    'null',
    '"x"',
    '{}',
    '[1]',
    '01',
    '1.',
    '.5',
    '+1',
    '0x1',
    '1_0',
    '',
  ),
);
const name = fc.constantFrom(
  'train/loss',
  'b',
  '10',
  '2',
  '__proto__',
  'a\\u0062',
  'é',
  '',
  'toString',
  'raw\ttab',
);
const pair = fc.tuple(name, number).map(([key, value]) => `"${key}":${value}`);
const oddStep = fc
  .record({
    time: number,
    step: fc.oneof(fc.nat(12).map(String), number),
    metrics: fc.array(pair, { maxLength: 4 }),
    foreign: fc.constantFrom('', ',"host":"a"', ',"metrics":{}', ',"step":3'),
    space: fc.constantFrom('', ' ', '\\t'.replace('\\t', '\t')),
    end: fc.constantFrom('', '\r', ' ', '}', ',', '"'),
  })
  .map(
    ({ time, step, metrics, foreign, space, end }) =>
      `{"kind":"step","time":${time},"step":${step},"metrics":${space}{${metrics.join(',')}}${foreign}}${end}`,
  );
const wellFormed = event.map((each) => toJson(each));
const line = fc.oneof(
  { weight: 4, arbitrary: wellFormed },
  { weight: 4, arbitrary: oddStep },
  // Torn, as a disk that was full or a second writer leaves it.
  fc.tuple(fc.oneof(wellFormed, oddStep), fc.nat(80)).map(([text, length]) => text.slice(0, length)),
  fc.constantFrom('', 'null', '[]', '{"kind":"dance","time":1,"step":1}', '\0\0', '{"kind":"step"}'),
);

describe('curves of a run', () => {
  test('the fast way gives what foldRun gives, whatever the lines are', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''));
        const state = emptyRunState();
        createLineFolder(state).fold(bytes);
        expect(visible(state)).toEqual(visible(foldRun(emptyRunState(), eventsOf(bytes))));
      }),
      { numRuns: 2000 },
    );
  });

  test('the fast way gives what foldRun gives, however the file is cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.array(fc.nat(40)), (events, cuts) => {
        const lines = events.map((each) => `${toJson(each)}\n`);
        const state = emptyRunState();
        const folder = createLineFolder(state);
        let from = 0;
        for (const cut of [...cuts.filter((at) => at < lines.length).sort((a, b) => a - b), lines.length]) {
          folder.fold(Buffer.from(lines.slice(from, cut).join('')), (cut + 1) / (lines.length + 1));
          from = cut;
        }
        expect(visible(state)).toEqual(visible(foldRun(emptyRunState(), events)));
      }),
      { numRuns: 500 },
    );
  });

  test('numbers are read to the last bit', () => {
    const read = (text: string): number | undefined => {
      const result = { value: NaN, end: 0 };
      const bytes = Buffer.from(`${text},`);
      return readNumber(bytes, 0, result) && result.end === text.length ? result.value : undefined;
    };
    const check = (value: number): void => {
      if (Number.isFinite(value)) expect(read(JSON.stringify(value))).toBe(value === 0 ? 0 : value);
    };
    fc.assert(fc.property(fc.double(), check), { numRuns: 5000 });
    fc.assert(fc.property(fc.float(), check), { numRuns: 5000 });
    fc.assert(fc.property(fc.double({ min: 0, max: 10 }), check), { numRuns: 5000 });
    for (const value of [
      5e-324,
      1.7976931348623157e308,
      2 ** 53,
      2 ** 53 + 2,
      1e22,
      1e23,
      0.1,
      123456789.125,
      1e-7,
    ])
      check(value);
    expect(read('-0')).toBe(-0);
    expect(read('"NaN"')).toBe(NaN);
    expect(read('"-Infinity"')).toBe(-Infinity);
    for (const text of ['"nan"', '', '-', '.5', '1.', '1e', 'null', '"Infinit'])
      expect(read(text)).toBeUndefined();
  });

  test('grows with the file; a replaced file starts anew', async () => {
    const dir = await aFolder();
    const file = join(dir, 'events.jsonl');
    const line = (step: number): string =>
      `${toJson({ kind: 'step', time: step, step, metrics: { a: step, b: -step } })}\n`;
    const log = openRunLog(dir);
    expect(await log.update()).toBe(false);
    await writeFile(file, line(1) + line(2).slice(0, 20));
    expect(await log.update()).toBe(true);
    expect(log.state.series.get('b')!.length).toBe(1);
    expect(await log.update()).toBe(false);
    await appendFile(file, line(2).slice(20));
    expect(await log.update()).toBe(true);
    expect([...log.state.series.get('b')!.values.subarray(0, 2)]).toEqual([-1, -2]);
    await truncate(file, 0);
    await appendFile(file, line(5));
    await log.update();
    expect([...log.state.series.get('a')!.steps.subarray(0, 2)]).toEqual([5, 0]);
  });
});

describe('the copy of the columns', () => {
  const lines = (from: number, to: number): string => {
    let text = '';
    for (let step = from; step <= to; step++) {
      const metrics = { a: step === 7 ? NaN : step / 3, b: -step, ...(step % 2 ? { c: step } : {}) };
      text += `${toJson({ kind: 'step', time: 10 * step, step, metrics })}\n`;
      if (step % 10 === 0)
        text += `${toJson({ kind: 'eval', time: step, step, metrics: { 'val/x': step } })}\n`;
    }
    return text;
  };

  async function cached(): Promise<{ dir: string; events: string; cache: string; text: string }> {
    const dir = await aFolder();
    const [events, cache, text] = [join(dir, 'events.jsonl'), join(dir, 'cache'), lines(1, 100)];
    await writeFile(events, text);
    const state = foldRun(emptyRunState(), await readEvents(dir));
    expect(await writeCurveCache(cache, events, state, Buffer.byteLength(text))).toBe(true);
    return { dir, events, cache, text };
  }

  test('holds what was read, and the run goes on from it', async () => {
    const { dir, events, cache } = await cached();
    await appendFile(events, lines(101, 120) + lines(111, 115) + lines(118, 118));
    const found = (await readCurveCache(cache, events))!;
    const folder = createLineFolder(found.state);
    folder.fold((await readFile(events)).subarray(found.offset));
    expect(visible({ ...found.state })).toEqual(visible(foldRun(emptyRunState(), await readEvents(dir))));
  });

  test('shares the columns of steps and times, and stores them once', async () => {
    const { cache, events } = await cached();
    const { state } = (await readCurveCache(cache, events))!;
    expect(state.series.get('b')!.steps).toBe(state.series.get('a')!.steps);
    // steps and times of a and b, their values, three columns of c and of val/x; b's values are not shared with anything.
    expect((await stat(cache)).size).toBeLessThan(8 * (4 * 100 + 3 * 50 + 3 * 10) + 2000);
  });

  test.each([
    [
      'the events file was replaced',
      async ({ events }: { events: string }) => writeFile(events, lines(2, 120)),
    ],
    ['the events file was cut', async ({ events }: { events: string }) => truncate(events, 100)],
    ['the copy was cut', async ({ cache }: { cache: string }) => truncate(cache, 1000)],
    ['the copy is empty', async ({ cache }: { cache: string }) => truncate(cache, 0)],
    [
      'the copy has a wrong header',
      async ({ cache }: { cache: string }) => {
        const bytes = await readFile(cache);
        bytes[60]! ^= 1;
        await writeFile(cache, bytes);
      },
    ],
  ])('is not believed when %s', async (_name, damage) => {
    const files = await cached();
    await damage(files);
    expect(await readCurveCache(files.cache, files.events)).toBeNull();
  });

  test('a folder that cannot be written goes without', async () => {
    const { events } = await cached();
    expect(await writeCurveCache(join(events, 'not-a-folder', 'cache'), events, emptyRunState(), 1)).toBe(
      false,
    );
  });
});
