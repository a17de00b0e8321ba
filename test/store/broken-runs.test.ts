import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeRun } from '../../src/extension/tree/describe.ts';
import { runEntry } from '../../src/launcher/run-entry.ts';
import type { RunFile } from '../../src/protocol/run.ts';
import {
  claimRun,
  listRuns,
  readConfig,
  readRunFile,
  statusOf,
  updateRunFile,
} from '../../src/store/run-folder.ts';
import { openRunScan } from '../../src/extension/runs/run-scan.ts';
import { aFolder, aRun } from './a-config.ts';

/** A run.json in which every field has a value. */
const full: Partial<RunFile> = {
  sweep: { id: 's', index: 0, count: 2 },
  settings: { 'train.batch_size': 4 },
  git_commit: 'a'.repeat(40),
  process: { pid: 999_999, start_time: '1@nowhere', host: 'elsewhere' },
  starter: { pid: 999_999, start_time: '1@nowhere', host: 'elsewhere' },
  heartbeat: 1.7e12,
  engine: { name: 'onnx', provider: 'cpu', device: 'a CPU', threads: 2, why: 'It is there.' },
  reason: 'It was told to.',
  summary: {
    'train/loss': { last: 2, best: 1, best_step: 3, count: 4, chance: { mean: 0.1, deviation: 0.01 } },
  },
  findings: [
    {
      step: 10,
      severity: 'warning',
      code: 'dead_branch',
      key: 'optimizer.learning_rate.text',
      message: 'It is dead.',
      advice: 'Lower the rate.',
      evidence: { grad_norm: 0, loss: NaN },
      change: { path: 'optimizer.learning_rate.text', value: 1e-4 },
    },
  ],
  tags: ['a tag'],
  title: 'a title',
  note: 'a note',
};

type Place = (string | number)[];

function placesIn(value: unknown, at: Place = []): Place[] {
  if (value === null || typeof value !== 'object') return [at];
  return [at, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...at, key]))];
}

function withValue(json: string, place: Place, value: unknown): string {
  const root = { run: JSON.parse(json) as unknown };
  const path = ['run', ...place];
  let at = root as Record<string, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1)!] = value;
  return JSON.stringify(root.run);
}

async function twoRuns(): Promise<{ runs: string; good: string; bad: string }> {
  const root = await aFolder();
  const good = await aRun(root, { created: 1000 });
  const bad = await aRun(root, { created: 2000 });
  return { runs: join(root, '.tandem', 'runs'), good, bad };
}

/** What is listed, by the folder's name: null for a run that is well, else the reason. */
async function problems(runs: string): Promise<Record<string, string | null>> {
  const listed = await listRuns(runs);
  const { changed } = await openRunScan(runs).scan();
  const byName = (all: typeof listed) =>
    Object.fromEntries(all.map(({ dir, problem }) => [basename(dir), problem]));
  expect(byName(changed)).toEqual(byName(listed));
  return byName(listed);
}

test('a run.json with a wrong value anywhere reads or is listed with its reason, and its neighbour stays', async () => {
  const { runs, good, bad } = await twoRuns();
  await updateRunFile(bad, full);
  const file = join(bad, 'run.json');
  const text = await readFile(file, 'utf8');
  const places = placesIn(JSON.parse(text));
  expect(places.length).toBeGreaterThan(45);
  for (const place of places)
    for (const value of [null, [], {}, 'x', true, -1, 0.5, 1e300]) {
      await writeFile(file, withValue(text, place, value));
      const entries = await listRuns(runs);
      expect(entries.map(({ dir }) => dir).sort()).toEqual([good, bad].sort());
      const of = (dir: string) => entries.find((entry) => entry.dir === dir)!;
      expect(of(good).problem).toBeNull();
      const { problem, file: read } = of(bad);
      // Whatever was read can be shown.
      const status = statusOf(read);
      runEntry(bad, read, problem);
      describeRun(
        { dir: bad, baseDir: runs, file: read, status, foreign: false, problem, live: null },
        Date.now(),
      );
      // A list is right among the settings, which may be anything, and where there is one.
      const isFree =
        (place[0] === 'settings' && place.length > 1) ||
        ['findings', 'findings.0.change.value', 'rungs', 'tags'].includes(place.join('.'));
      if (Array.isArray(value) && !isFree)
        expect(problem).toContain(
          `run.json cannot be understood: ${place.join('.') || 'what it holds'} is n`,
        );
    }
});

test('the reason names the part that is wrong', async () => {
  const { bad } = await twoRuns();
  const file = join(bad, 'run.json');
  const text = await readFile(file, 'utf8');
  const reason = async (content: string): Promise<string> => {
    await writeFile(file, content);
    return readRunFile(bad).then(
      () => 'reads',
      (error: unknown) => (error as Error).message,
    );
  };
  expect(await reason(withValue(text, ['process'], {}))).toContain('process.pid is not a number.');
  expect(await reason(withValue(text, ['settings'], null))).toContain('settings is not a map.');
  expect(await reason(withValue(text, ['status'], 'sleeping'))).toContain('status is none of running,');
  expect(await reason('')).toContain('it is empty.');
  expect(await reason(text.slice(0, 50))).toContain('it is no JSON, or cut off.');
  expect(await reason(withValue(text, ['of_a_later_version'], [1]))).toBe('reads');
});

describe('one entry never hides the others', () => {
  test('links to files, pipes, links that loop, and pipes or folders in place of files', async () => {
    const { runs, good, bad } = await twoRuns();
    await writeFile(join(good, 'trainer.log'), 'x');
    await symlink(join(good, 'trainer.log'), join(runs, 'latest.log'));
    await symlink('nowhere', join(runs, 'dangling'));
    await symlink('loop', join(runs, 'loop'));
    execFileSync('mkfifo', [join(runs, 'pipe')]);
    await mkdir(join(runs, 'a-folder', 'run.json'), { recursive: true });
    await rm(join(bad, 'run.json'));
    execFileSync('mkfifo', [join(bad, 'run.json')]);
    expect(await problems(runs)).toEqual({
      [basename(good)]: null,
      [basename(bad)]: expect.stringContaining('run.json is not a file.') as string,
      'a-folder': expect.stringContaining('run.json is not a file.') as string,
      loop: expect.stringContaining('loop cannot be read: it is a link that leads to itself.') as string,
    });
    // One that is named by a person has the same reason, at once.
    for (const { dir, problem } of await listRuns(runs))
      if (problem !== null)
        await expect(readRunFile(dir)).rejects.toMatchObject({ name: 'HumanError', message: problem });
  });

  test("somebody else's folder", async () => {
    const { runs, good, bad } = await twoRuns();
    for (const folder of [join(runs, '..', '..'), join(runs, '..'), runs, good]) await chmod(folder, 0o755);
    await chmod(join(good, 'run.json'), 0o644);
    await chmod(bad, 0o700);
    const me = process.geteuid?.();
    // Who may read everything becomes somebody else for a moment; who may not has the right taken away.
    if (me === 0) process.seteuid!(65_534);
    else await chmod(bad, 0);
    try {
      expect(await problems(runs)).toEqual({
        [basename(good)]: null,
        [basename(bad)]: expect.stringContaining('cannot be read: there is no permission.') as string,
      });
    } finally {
      if (me === 0) process.seteuid!(0);
      else await chmod(bad, 0o700);
    }
  });
});

describe('a copied run folder', () => {
  test('is a run of its own, named by its folder, in which nobody trains', async () => {
    const { runs, good } = await twoRuns();
    const claim = await claimRun(good);
    await updateRunFile(good, { status: 'running', process: claim.process, heartbeat: Date.now() });
    const copy = join(runs, 'a copy');
    await cp(good, copy, { recursive: true });
    await symlink(good, join(runs, 'link'));
    const listed = await listRuns(runs);
    const standing = (dir: string) => {
      const { file } = listed.find((entry) => entry.dir === dir)!;
      return [file.id, statusOf(file)];
    };
    expect(standing(good)).toEqual([basename(good), 'running']);
    expect(standing(join(runs, 'link'))).toEqual(['link', 'running']);
    expect(standing(copy)).toEqual(['a copy', 'interrupted']);
    // Whoever takes the copy up claims it for itself.
    const own = await claimRun(copy);
    await updateRunFile(copy, { status: 'running', process: own.process });
    expect(statusOf(await readRunFile(copy))).toBe('running');
    for (const each of [claim, own]) await each.release();
  });
});

test('a config.json with a value of another type is refused by name; one of an older version lacks what it lacks', async () => {
  const { bad } = await twoRuns();
  const file = join(bad, 'config.json');
  const config = { name: 'x', train: { steps: 5, batch_size: 2 }, data: null as unknown };
  const reason = async (written: unknown): Promise<string> => {
    await writeFile(file, JSON.stringify(written));
    return readConfig(bad).then(
      () => 'reads',
      (error: unknown) => (error as Error).message.split('cannot be understood: ')[1]!.split('. ')[0]!,
    );
  };
  expect(await reason({ name: 'x', train: { steps: 5 } })).toBe('reads');
  expect(await reason({ ...config, data: { pairs: 7 } })).toBe('data.pairs is not a text');
  expect(await reason(config)).toBe('data is not a map');
  expect(await reason({ train: { steps: '5' } })).toBe('train.steps is not a number');
  expect(await reason([])).toBe('what it holds is not a map');
  expect(await reason(null)).toBe('what it holds is not a map');
  expect(await reason({ optimizer: { learning_rate: { text: 'fast' } } })).toBe(
    'optimizer.learning_rate.text is not a number',
  );
});
