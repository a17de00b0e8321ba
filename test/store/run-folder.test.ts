import { fork, spawnSync } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import {
  annotateRun,
  claimRun,
  clearStop,
  createRun,
  listRuns,
  readConfig,
  readRunFile,
  readSource,
  requestStop,
  runsDirOf,
  statusOf,
  stopRequested,
  updateRunFile,
} from '../../src/store/run-folder.ts';
import { writerOf } from '../../src/store/claim.ts';
import { identityOf, ownProcess } from '../../src/store/process-identity.ts';
import { aConfig, aFolder, aRun } from './a-config.ts';

describe('a run folder', () => {
  test('is made whole, with status queued', async () => {
    const dir = await aRun(undefined, {
      settings: { 'train.batch_size': 4 },
      sweep: { id: 's', index: 1, count: 3 },
    });
    const file = await readRunFile(dir);
    expect(file).toMatchObject({
      experiment: 'emoji',
      experiment_path: 'emoji.tandem.yaml',
      status: 'queued',
      steps: 100,
      sweep: { id: 's', index: 1, count: 3 },
      settings: { 'train.batch_size': 4 },
      git_commit: null,
      data: null,
    });
    expect(dir.endsWith(file.id)).toBe(true);
    expect(file.id).toMatch(/^\d{8}-\d{6}-emoji-[a-z]{4}$/);
    expect(file.config_hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await readConfig(dir)).toEqual(aConfig);
    expect(await readSource(dir)).toBe('data: { pairs: pairs.csv }\n');
    expect(statusOf(file)).toBe('queued');
    expect(await readdir(join(dir, '..'))).toEqual([file.id]);
  });

  test('its name is safe on every system and keeps letters of any script', async () => {
    const dir = await aRun(undefined, { experiment: '../学习 A/B: <x>?' });
    expect((await readRunFile(dir)).id).toMatch(/^\d{8}-\d{6}-学习-a-b-x-[a-z]{4}$/);
  });

  test('runs go beside the nearest .tandem, else beside the file', async () => {
    const root = await aFolder();
    await mkdir(join(root, '.tandem'));
    expect(runsDirOf(join(root, 'a', 'b', 'x.tandem.yaml'))).toBe(join(root, '.tandem', 'runs'));
    const other = await aFolder();
    expect(runsDirOf(join(other, 'x.tandem.yaml'))).toBe(join(other, '.tandem', 'runs'));
  });

  test('the Git commit is read from the repository', async () => {
    const root = await aFolder();
    const git = (...args: string[]): string =>
      spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
        cwd: root,
        encoding: 'utf8',
      }).stdout;
    git('init', '-q');
    git('commit', '-q', '--allow-empty', '-m', 'x');
    const commit = git('rev-parse', 'HEAD').trim();
    expect((await readRunFile(await aRun(root))).git_commit).toBe(commit);
    git('pack-refs', '--all');
    expect((await readRunFile(await aRun(root))).git_commit).toBe(commit);
    git('checkout', '-q', '--detach');
    expect((await readRunFile(await aRun(root))).git_commit).toBe(commit);
  });

  test('no home folder, password or token is written to run.json', async () => {
    const dir = await aRun(undefined, {
      settings: {
        'data.pairs': join(homedir(), 'secret-project', 'pairs.csv'),
        'model.weights': 'https://me:hunter2@example.com/x',
        'hub.token': 'abc',
        list: ['hf_abcdefghijklmnopqrstuvwxyz'],
      },
    });
    await updateRunFile(dir, { reason: `cannot open ${homedir()}/x` });
    const text = await readFile(join(dir, 'run.json'), 'utf8');
    for (const secret of [homedir() + '/', 'hunter2', '"abc"', 'abcdefghijklmnop'])
      expect(text).not.toContain(secret);
    expect((await readRunFile(dir)).settings['data.pairs']).toBe(
      `~${join('/', 'secret-project', 'pairs.csv')}`,
    );
  });

  test('updates at the same moment all count; NaN survives', async () => {
    const dir = await aRun();
    await Promise.all(
      Array.from({ length: 20 }, () => updateRunFile(dir, (file) => ({ ...file, step: file.step + 1 }))),
    );
    await updateRunFile(dir, { summary: { 'train/loss': { last: NaN, best: -Infinity, best_step: 3 } } });
    const file = await readRunFile(dir);
    expect(file.step).toBe(20);
    expect(file.summary).toEqual({ 'train/loss': { last: NaN, best: -Infinity, best_step: 3 } });
  });

  test('a failed update is told, and the next one goes on', async () => {
    const dir = await aRun();
    const failing = updateRunFile(dir, () => {
      throw new Error('mine');
    });
    const next = updateRunFile(dir, { step: 5 });
    await expect(failing).rejects.toThrow('mine');
    await next;
    expect((await readRunFile(dir)).step).toBe(5);
  });

  test('annotations and updates at the same moment do not fight', async () => {
    const dir = await aRun();
    await Promise.all([
      ...Array.from({ length: 10 }, (_, step) => updateRunFile(dir, { step })),
      annotateRun(dir, { starred: true }),
      annotateRun(dir, { title: 'the good one' }),
      annotateRun(dir, { note: '<b>n</b>' }),
      annotateRun(dir, { tag: ['baseline', 'draft'], colour: '#0072b2' }),
      annotateRun(dir, { tag: ['baseline', 'paper'] }),
    ]);
    await annotateRun(dir, { untag: ['draft'] });
    await appendFile(join(dir, 'annotations.jsonl'), '{"title":"to');
    await annotateRun(dir, { note: null });
    expect(await readRunFile(dir)).toMatchObject({
      step: 9,
      starred: true,
      title: 'the good one',
      note: null,
      colour: '#0072b2',
    });
    expect((await readRunFile(dir)).tags.sort()).toEqual(['baseline', 'paper']);
  });

  test('a crash between write and rename leaves the old file', async () => {
    const dir = await aRun();
    await writeFile(join(dir, '.run.json.999999.0'), '{"id": "half');
    expect((await readRunFile(dir)).status).toBe('queued');
    expect(await listRuns(join(dir, '..'))).toHaveLength(1);
  });

  test('folders that are no runs, broken ones and half made ones do not disturb the list', async () => {
    const root = await aFolder();
    const runs = join(root, '.tandem', 'runs');
    expect(await listRuns(runs)).toEqual([]);
    const first = await aRun(root, { created: 1000 });
    const second = await aRun(root, { created: 2000 });
    await mkdir(join(runs, 'something'));
    await mkdir(join(runs, '.new-1'));
    await writeFile(join(runs, 'notes.txt'), 'x');
    await writeFile(join(second, 'run.json'), '{"id":');
    const listed = await listRuns(runs);
    expect(listed.map(({ dir }) => dir)).toEqual([second, first]);
    expect(listed[0]!.problem).toMatch(/cannot be understood/);
    expect(listed[0]!.file.experiment).toBe('emoji');
    expect(listed[1]!.problem).toBeNull();
    await expect(readRunFile(second)).rejects.toThrow(/cannot be understood/);
    await expect(readRunFile(join(runs, 'something'))).rejects.toThrow(/not a run folder/);
  });
});

describe('status', () => {
  test('asked to stop: stopping while it runs, until cleared', async () => {
    const dir = await aRun();
    await requestStop(dir);
    expect((await readRunFile(dir)).status).toBe('queued');
    await updateRunFile(dir, { status: 'running', process: ownProcess(), heartbeat: Date.now() });
    expect(await stopRequested(dir)).toBe(true);
    expect(statusOf(await readRunFile(dir))).toBe('stopping');
    await clearStop(dir);
    await clearStop(dir);
    expect(statusOf(await readRunFile(dir))).toBe('running');
  });

  test('a process that is gone, or whose pid another one has now: interrupted, however fresh the heartbeat', async () => {
    const file = { ...(await readRunFile(await aRun())), status: 'running' as const, heartbeat: Date.now() };
    const me = ownProcess();
    expect(statusOf({ ...file, process: me })).toBe('running');
    expect(statusOf({ ...file, process: { ...me, start_time: `1${me.start_time}` } })).toBe('interrupted');
    const child = spawnSync(process.execPath, ['-e', '']);
    expect(statusOf({ ...file, process: { ...me, pid: child.pid } })).toBe('interrupted');
    expect(statusOf({ ...file, status: 'finished', process: null } as never)).toBe('finished');
  });

  test('on another host, or another boot of this one: by the heartbeat', async () => {
    const file = { ...(await readRunFile(await aRun())), status: 'running' as const, heartbeat: 1_000_000 };
    for (const process of [
      { pid: 1, start_time: '5@there', host: 'elsewhere' },
      { pid: 1, start_time: '5@11111111.1', host: hostname() },
      null,
    ]) {
      expect(statusOf({ ...file, process }, 1_000_000 + 59_000)).toBe('running');
      expect(statusOf({ ...file, process }, 1_000_000 + 61_000)).toBe('interrupted');
    }
  });

  test('on another host a heartbeat that changes is a sign of life, one that does not is none, whatever its clock', async () => {
    const base = await readRunFile(await aRun());
    const at = (heartbeat: number, id: string) => ({
      ...base,
      id,
      status: 'running' as const,
      heartbeat,
      process: { pid: 1, start_time: '5@there', host: 'elsewhere' },
    });
    const hour = 3_600_000;
    const now = 100 * hour;
    // An hour behind: the first look cannot know better.
    expect(statusOf(at(now - hour, 'behind'), now)).toBe('interrupted');
    expect(statusOf(at(now - hour + 2000, 'behind'), now + 2000)).toBe('running');
    expect(statusOf(at(now - hour + 2000, 'behind'), now + 62_000)).toBe('running');
    expect(statusOf(at(now - hour + 2000, 'behind'), now + 62_001)).toBe('interrupted');
    // An hour ahead: dead after a minute, not after an hour.
    expect(statusOf(at(now + hour, 'ahead'), now)).toBe('running');
    expect(statusOf(at(now + hour, 'ahead'), now + 60_001)).toBe('interrupted');
  });

  test('a killed process that nobody has waited for counts as gone', async () => {
    const child = fork('-e', [], { execArgv: ['-e', 'setInterval(() => {}, 1000)'] });
    const identity = identityOf(child.pid!)!;
    expect(identity.pid).toBe(child.pid);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    expect(identityOf(child.pid!)).toBeNull();
  });
});

describe('one writer', () => {
  test('a second claim is refused while the first lives, and allowed after its release', async () => {
    const dir = await aRun();
    const claim = await claimRun(dir);
    expect(claim.number).toBe(1);
    await expect(claimRun(dir)).rejects.toThrow(/process \d+ on .* is writing this run/);
    await claim.release();
    expect((await claimRun(dir)).number).toBe(2);
  });

  test('a dead writer is taken over, by exactly one of many', async () => {
    const dir = await aRun();
    await mkdir(join(dir, 'claims'));
    const dead = { ...ownProcess(), start_time: ownProcess().start_time.replace(/^\d+/, '1') };
    await writeFile(join(dir, 'claims', '1'), JSON.stringify(dead));
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => claimRun(dir)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await readdir(join(dir, 'claims'))).sort()).toEqual(['1', '2']);
  });

  test('a claim of another host holds while it or run.json is written, whatever its clock says', async () => {
    const dir = await aRun();
    const claims = join(dir, 'claims');
    await mkdir(claims);
    const file = join(claims, '1');
    await writeFile(file, JSON.stringify({ pid: 5, start_time: '1@there', host: 'elsewhere' }));
    const age = (path: string, ms: number) => utimes(path, new Date(), new Date(Date.now() - ms));
    await expect(claimRun(dir)).rejects.toThrow(/elsewhere/);
    await age(file, 3_600_000);
    // Its clock is two hours behind; the disk says that it wrote just now.
    await updateRunFile(dir, { heartbeat: Date.now() - 7_200_000 });
    await expect(claimRun(dir)).rejects.toThrow(/elsewhere/);
    // Its clock is two hours ahead, and it has not written for two minutes.
    await updateRunFile(dir, { heartbeat: Date.now() + 7_200_000 });
    await age(join(dir, 'run.json'), 120_000);
    expect((await claimRun(dir)).number).toBe(2);
    expect((await readdir(dir)).filter((name) => name.startsWith('.time'))).toEqual([]);
  });

  test('a claim that is held is written again, so that other machines see it live', async () => {
    const dir = await aRun();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const claim = await claimRun(dir);
    const file = join(dir, 'claims', '1');
    await utimes(file, 1, 1);
    vi.advanceTimersByTime(10_000);
    vi.useRealTimers();
    await expect.poll(async () => (await stat(file)).mtimeMs).toBeGreaterThan(1000);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(claim.process);
    await claim.release();
    expect(await writerOf(dir)).toBeNull();
  });

  test.each(['', '{"pid":', 'null', '{"pid":"1","start_time":1,"host":null}', '[]'])(
    'a claim that says %j is its maker’s for ten seconds',
    async (text) => {
      const dir = await aRun();
      await mkdir(join(dir, 'claims'));
      await writeFile(join(dir, 'claims', '1'), text);
      await expect(claimRun(dir)).rejects.toThrow(/process unknown on this folder/);
      const old = new Date(Date.now() - 11_000);
      await utimes(join(dir, 'claims', '1'), old, old);
      expect((await claimRun(dir)).number).toBe(2);
    },
  );

  test('many runs at one moment get different folders', async () => {
    const root = await aFolder();
    const made = await Promise.all(
      Array.from({ length: 20 }, () =>
        createRun(join(root, 'runs'), {
          experiment: 'x',
          source: '',
          config: aConfig,
          experimentPath: 'x',
          created: 5,
        }),
      ),
    );
    expect(new Set(made).size).toBe(20);
  });
});
