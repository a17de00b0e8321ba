import { cpSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { listRuns, readConfig, readRunFile, statusOf, updateRunFile } from '../../src/store/run-folder.ts';
import { readEvents } from '../../src/store/events.ts';
import { finished, spawnTandem, tandem } from './command-line.ts';
import { buildPrograms, buildStandIn, programs, root } from './programs.ts';
import { projectFolder, queuedRun } from './runs.ts';

beforeAll(async () => {
  await buildPrograms();
  await buildStandIn();
}, 120_000);

/** A project with twelve pictures and an experiment of `steps` steps, trained by the stand-in. */
function project(steps = 20, more = ''): string {
  const folder = projectFolder();
  cpSync(join(root, 'test/cases/pairs'), join(folder, 'pairs'), { recursive: true });
  writeFileSync(
    join(folder, 'tiles.tandem.yaml'),
    `data: { pairs: pairs/good.csv }\ntrain: { batch_size: 4, steps: ${steps} }\n${more}`,
  );
  return folder;
}

const asStandIn = (way: string, stepMs = 2) => ({
  TANDEM_TRAINER: programs.standIn,
  STAND_IN: way,
  STAND_IN_MS: String(stepMs),
});

interface Entry {
  id: string;
  experiment: string;
  status: string;
  step: number;
  steps: number;
  settings: Record<string, unknown>;
  summary: Record<string, unknown>;
  series: Record<string, [number, number][]>;
}

const runsIn = (folder: string) => listRuns(join(folder, '.tandem/runs'));

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await sleep(20);
}

async function firstRunReaches(folder: string, step: number): Promise<string> {
  await until(async () => ((await runsIn(folder))[0]?.file.step ?? 0) >= step);
  return (await runsIn(folder))[0]!.dir;
}

describe('train', () => {
  test('--json gives the whole run and nothing else', async () => {
    const folder = project();
    const { code, stdout } = await tandem(
      ['train', 'tiles.tandem.yaml', '--set', 'train.steps=15', '--json'],
      folder,
      asStandIn('good'),
    );
    const document = JSON.parse(stdout) as Entry;
    expect(code).toBe(0);
    expect(document).toMatchObject({
      experiment: 'tiles',
      status: 'finished',
      step: 15,
      steps: 15,
      settings: { 'train.steps': 15 },
    });
    expect(document.series['train/loss']).toHaveLength(15);
    expect(document.series['train/loss']![0]).toEqual([1, 4]);
  });

  test('piped, it prints plain lines', async () => {
    const { code, stdout, stderr } = await tandem(
      ['train', 'tiles.tandem.yaml'],
      project(),
      asStandIn('good'),
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^tiles\.tandem\.yaml:2:22: warning: A batch of 4 gives each pair only 3 negatives/m,
    );
    expect(stdout).toMatch(
      /^tiles: started: 80 pairs to train on, 8 to validate on, engine stand-in on none, 1 thread$/m,
    );
    expect(stdout).toMatch(/^tiles: step 20\/20, loss 0\.2/m);
    expect(stdout).toMatch(/^Finished at step 20 of 20, after /m);
    expect(stdout).toMatch(/^Run: \.tandem\/runs\/\d{8}-\d{6}-tiles-\w{4}$/m);

    expect(stdout).not.toMatch(/\u001b/);
  });

  test('problems of the file keep it from starting', async () => {
    const folder = project(20, 'loss: { temprature: 0.1 }\n');
    const { code, stdout, stderr } = await tandem(
      ['train', 'tiles.tandem.yaml', '--json'],
      folder,
      asStandIn('good'),
    );
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as { problems: object[] }).problems).toContainEqual(
      expect.objectContaining({ severity: 'error', path: 'loss.temprature', line: 3, column: 9 }),
    );
    expect(stderr).toContain('Nothing was started: 1 error');
    expect(await runsIn(folder)).toEqual([]);
  });

  test.for([
    [['--set', 'train.stepz=3'], 1, '--set train.stepz=3: '],
    [['--set', 'train.steps=many'], 1, '--set train.steps=many: '],
    [['--set', 'train.steps'], 2, '--set train.steps is not of the form key=value.'],
    [['--what'], 2, "unknown option '--what'"],
  ] as const)('wrong values and wrong usage: %j', async ([options, expectedCode, said]) => {
    const { code, stdout, stderr } = await tandem(
      ['train', 'tiles.tandem.yaml', ...options],
      project(),
      asStandIn('good'),
    );
    expect([code, stdout]).toEqual([expectedCode, '']);
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('a failed run ends with 3 and its reason', async () => {
    const { code, stdout } = await tandem(['train', 'tiles.tandem.yaml'], project(), asStandIn('crash'));
    expect(code).toBe(3);
    expect(stdout).toContain('Failed at step 10 of 20');
    expect(stdout).toContain('The trainer ended with exit code 9: Error: out of luck at step 10.');
  });

  test('Ctrl-C lets the trainer save, resume goes on, and a finished run is not resumed', async () => {
    const folder = project(1000);
    const child = spawnTandem(['train', 'tiles.tandem.yaml'], folder, asStandIn('good', 10));
    const end = finished(child);
    const dir = await firstRunReaches(folder, 10);
    child.kill('SIGINT');
    const { code, stdout } = await end;
    expect(code).toBe(130);
    expect(stdout).toContain('Stopping after a last checkpoint.');
    expect(stdout).toContain('Stopped at step ');
    expect((await readRunFile(dir)).status).toBe('stopped');

    const resumed = await tandem(['resume', 'last', '--json'], folder, asStandIn('good', 1));
    expect(resumed.code).toBe(0);
    expect((JSON.parse(resumed.stdout) as Entry).series['train/loss']).toHaveLength(1000);

    const again = await tandem(['resume', 'last'], folder, asStandIn('good', 1));
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('is finished: all 1000 steps are done.');
  });

  test('a second Ctrl-C ends at once, and no process is left', async () => {
    const folder = project(10_000);
    const child = spawnTandem(['train', 'tiles.tandem.yaml'], folder, asStandIn('deaf', 10));
    const end = finished(child);
    const dir = await firstRunReaches(folder, 10);
    child.kill('SIGINT');
    await sleep(100);
    child.kill('SIGINT');
    expect((await end).code).toBe(130);
    const { process: trainer, status } = await readRunFile(dir);
    expect(status).toBe('stopped');
    expect(() => process.kill(trainer!.pid, 0)).toThrow('ESRCH');
  });

  test('a killed command line leaves the trainer training, which stop reaches from elsewhere', async () => {
    const folder = project(10_000);
    const child = spawnTandem(['train', 'tiles.tandem.yaml'], folder, asStandIn('good', 5));
    const end = finished(child);
    const dir = await firstRunReaches(folder, 10);
    child.kill('SIGKILL');
    await end;
    const { step } = await readRunFile(dir);
    await until(async () => (await readRunFile(dir)).step > step);
    expect(statusOf(await readRunFile(dir))).toBe('running');

    const busy = await tandem(['resume', 'last'], folder, asStandIn('good'));
    expect([busy.code, busy.stderr]).toEqual([
      2,
      expect.stringMatching(/ is running \(process \d+ on .*\)\. Wait for its end, or stop it/),
    ]);

    const stopped = await tandem(['stop', 'last', '--json'], folder);
    expect(stopped.code).toBe(0);
    expect(JSON.parse(stopped.stdout)).toMatchObject({ status: 'stopped' });
  });

  test('a run stopped from elsewhere ends the command with 130', async () => {
    const folder = project(10_000);
    const end = finished(spawnTandem(['train', 'tiles.tandem.yaml', '--json'], folder, asStandIn('good', 5)));
    await firstRunReaches(folder, 10);
    await tandem(['stop', 'last'], folder);
    const { code, stdout } = await end;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'stopped' });
  });
});

describe('chance', () => {
  test('stands beside the recall, and a run that ended at it says so', async () => {
    const folder = projectFolder();
    const dir = await queuedRun(folder);
    const chance = { mean: 10 / 38, deviation: 0.05 };
    const recall = { last: 0.25, best: 0.276, best_step: 10, count: 3, chance };
    const norm = { last: 2, best: 0.5, best_step: 3 };
    const summary = { 'val/recall@10': recall, 'train/grad_norm': norm };
    await updateRunFile(dir, { status: 'finished', step: 20, summary });
    const shown = (await tandem(['show', 'last'], folder)).stdout;
    expect(shown).toContain('It ended at chance');
    expect(shown).toMatch(
      /metric +last +best +at step +chance\n.*\nval\/recall@10 +0\.25 +0\.276 +10 +0\.263/,
    );
    // No norm is the best one.
    expect(shown).toMatch(/train\/grad_norm +2 *\n/);
    const listed = (await tandem(['runs'], folder)).stdout;
    expect(listed).toContain('finished at chance');
    expect(listed).toContain('0.276 recall@10 (best of 3, chance 0.263)');
    expect((await tandem(['runs', '--json'], folder)).stdout).toContain('"status":"finished"');
  });
});

test('what a run finds is said while it trains, and shown with its evidence', async () => {
  const folder = project(12);
  const { stdout } = await tandem(['train', 'tiles.tandem.yaml'], folder, asStandIn('finding'));
  const said = 'The loss has been at chance for 200 steps. Lower optimizer.learning_rate.image.';
  expect(stdout).toContain(said);
  expect((await tandem(['show', 'last'], folder)).stdout).toContain(`error: ${said}`);
  const shown = JSON.parse((await tandem(['show', 'last', '--json'], folder)).stdout) as object;
  expect(shown).toMatchObject({
    findings: [
      {
        code: 'at_chance',
        step: 10,
        evidence: { loss: 2.08, chance: 2.08, steps: 200 },
        change: { path: 'optimizer.learning_rate.image', value: 1e-3 },
      },
    ],
  });
});

describe('several runs', () => {
  const sweep = 'sweep: { optimizer.learning_rate.image: [1e-4, 1e-3], seeds: [0, 1] }\n';

  test('a sweep trains every setting and compares them', async () => {
    const folder = project(10, sweep);
    const { code, stdout } = await tandem(
      ['sweep', 'tiles.tandem.yaml', '--parallel', '2'],
      folder,
      asStandIn('good'),
    );
    expect(code).toBe(0);
    expect(stdout).toContain('4 runs, 2 at a time.');
    const table = stdout.split('\n').slice(-5);
    expect(table.map((line) => line.match(/^ +(\S+) +(\d) +finished /)?.slice(1))).toEqual([
      ['1e-4', '0'],
      ['1e-3', '0'],
      ['1e-4', '1'],
      ['1e-3', '1'],
      undefined,
    ]);
    const files = (await runsIn(folder)).map(({ file }) => file);
    expect(new Set(files.map(({ sweep: place }) => place?.id)).size).toBe(1);
    expect(files.map(({ settings }) => settings['optimizer.learning_rate.image'])).toEqual([
      1e-4, 1e-3, 1e-4, 1e-3,
    ]);
    expect(files.map(({ settings }) => settings['seed'])).toEqual([0, 0, 1, 1]);
  });

  test('a run that fails does not end the sweep', async () => {
    const { code, stdout } = await tandem(
      ['sweep', 'tiles.tandem.yaml'],
      project(12, sweep),
      asStandIn('crash second'),
    );
    expect(code).toBe(3);
    expect(stdout.match(/ (finished|failed) /g)).toEqual([
      ' finished ',
      ' failed ',
      ' finished ',
      ' finished ',
    ]);
    expect(stdout).toContain(
      '2/4: failed. The trainer ended with exit code 9: Error: out of luck at step 10.',
    );
  });

  test('a run whose folder is deleted ends its command, and does not end its sweep', async () => {
    const folder = project(100, 'sweep: { seeds: [0, 1, 2] }\n');
    const end = finished(
      spawnTandem(['sweep', 'tiles.tandem.yaml', '--json'], folder, asStandIn('good', 10)),
    );
    rmSync(await firstRunReaches(folder, 10), { recursive: true });
    const { code, stdout, stderr } = await end;
    expect([code, (JSON.parse(stdout) as Entry[]).map(({ status }) => status)]).toEqual([
      3,
      ['finished', 'finished'],
    ]);
    expect(stderr).toMatch(
      /The folder of the run was deleted or moved while it was training \(.*\)\. If it was/,
    );

    const alone = finished(spawnTandem(['train', 'tiles.tandem.yaml'], folder, asStandIn('good', 100)));
    await until(async () => (await runsIn(folder)).some(({ file }) => statusOf(file) === 'running'));
    const began = performance.now();
    rmSync((await runsIn(folder)).find(({ file }) => statusOf(file) === 'running')!.dir, { recursive: true });
    expect((await alone).code).toBe(3);
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test('more than a thousand runs are asked for twice', async () => {
    const rates = Array.from({ length: 1001 }, (_, i) => ((i + 1) / 1e6).toFixed(6)).join(', ');
    const folder = project(2, `sweep: { optimizer.learning_rate.image: [${rates}] }\n`);
    const { code, stderr } = await tandem(['sweep', 'tiles.tandem.yaml'], folder, asStandIn('good'));
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('The sweep asks for 1,001 runs. Nothing was'),
    ]);
    expect(await runsIn(folder)).toEqual([]);
  });

  test('Ctrl-C stops the run that trains and takes the others out of the queue', async () => {
    const folder = project(10_000, sweep);
    const child = spawnTandem(['sweep', 'tiles.tandem.yaml', '--json'], folder, asStandIn('good', 5));
    const end = finished(child);
    await until(async () => (await runsIn(folder)).some(({ file }) => file.step >= 10));
    child.kill('SIGINT');
    const { code, stdout } = await end;
    expect(code).toBe(130);
    const entries = JSON.parse(stdout) as Entry[];
    expect(entries.map(({ status }) => status)).toEqual(['stopped', 'stopped', 'stopped', 'stopped']);
    expect(entries.filter(({ step }) => step > 0)).toHaveLength(1);
  });

  test('a killed sweep goes on with what is missing when it is started again', async () => {
    const folder = project(60, sweep);
    const child = spawnTandem(['sweep', 'tiles.tandem.yaml'], folder, asStandIn('good', 10));
    const end = finished(child);
    await until(async () =>
      (await runsIn(folder)).some(({ file }) => file.sweep?.index === 1 && file.step >= 10),
    );
    const training = (await runsIn(folder)).find(({ file }) => statusOf(file) === 'running')!;
    child.kill('SIGKILL');
    process.kill(training.file.process!.pid, 'SIGKILL');
    await end;
    const statuses = async () =>
      (JSON.parse((await tandem(['runs', '--json'], folder)).stdout) as Entry[]).map(({ status }) => status);
    // Nobody will start the two that waited: that is told, and resume offers them.
    expect(await statuses()).toEqual(['finished', 'interrupted', 'interrupted', 'interrupted']);
    expect((await tandem(['show', 'last'], folder)).code).toBe(0);
    const lost = (await runsIn(folder))[3]!;
    expect((await tandem(['show', lost.file.id], folder)).stdout).toContain(
      'The command that was to start it is gone. Resume starts it.',
    );
    rmSync(lost.dir, { recursive: true });

    const again = await tandem(['sweep', 'tiles.tandem.yaml', '--json'], folder, asStandIn('good', 1));
    expect(again.stderr).toMatch(
      /^Going on with the sweep of .*, 3 of 4 runs left; --anew trains all again\.$/m,
    );
    expect([again.code, await statuses()]).toEqual([0, Array(4).fill('finished')]);
    expect((JSON.parse(again.stdout) as Entry[]).map(({ id }) => id)).toContain(training.file.id);
    // What is finished is not trained again.
    const starts = async (dir: string) =>
      (await readEvents(dir)).filter(({ kind }) => kind === 'started').length;
    const dirs = (await runsIn(folder)).map(({ dir }) => dir);
    expect(await Promise.all(dirs.map(starts))).toEqual([1, 2, 1, 1]);

    // All done: then the same command asks for all of them once more.
    await tandem(['sweep', 'tiles.tandem.yaml'], folder, asStandIn('good', 1));
    expect(await runsIn(folder)).toHaveLength(8);
  });

  test('queued runs wait until someone starts them', async () => {
    const folder = project(10, sweep);
    const { code, stdout } = await tandem(['queue', 'tiles.tandem.yaml', '--json'], folder);
    expect(code).toBe(0);
    const queued = JSON.parse(stdout) as Entry[];
    expect(queued.map(({ status }) => status)).toEqual(Array(4).fill('queued'));
    const listed = JSON.parse((await tandem(['runs', '--json'], folder)).stdout) as Entry[];
    expect(listed.map(({ id }) => id).sort()).toEqual(queued.map(({ id }) => id).sort());
    const begun = await tandem(['resume', queued[2]!.id, '--json'], folder, asStandIn('good'));
    expect([begun.code, (JSON.parse(begun.stdout) as Entry).status]).toEqual([0, 'finished']);
  });

  test('runs, show and export name runs by id, beginning of an id, folder and last', async () => {
    const folder = project(12);
    await tandem(['train', 'tiles.tandem.yaml'], folder, asStandIn('good'));
    const [entry] = JSON.parse((await tandem(['runs', '--json'], folder)).stdout) as Entry[];
    expect(Object.keys(entry!)).toEqual(
      expect.arrayContaining(['id', 'experiment', 'status', 'step', 'steps', 'settings', 'summary']),
    );
    for (const name of ['last', entry!.id, entry!.id.slice(0, 10), join('.tandem/runs', entry!.id)]) {
      const shown = JSON.parse((await tandem(['show', name, '--json'], folder)).stdout) as Entry;
      expect(shown.id).toBe(entry!.id);
      expect(shown.series['train/loss']).toHaveLength(12);
    }
    const csv = await tandem(['export', 'last', '--format', 'csv'], folder);
    expect(csv.stdout.split('\n').slice(0, 3)).toEqual(['step,train/loss', '1,4', '2,2']);
    await tandem(['export', 'last', '-o', 'out.csv'], folder);
    expect(readFileSync(join(folder, 'out.csv'), 'utf8')).toBe(csv.stdout);
    expect((await tandem(['runs'], folder)).stdout).toContain(entry!.id);
    expect((await tandem(['show', 'last'], folder)).stdout).toContain(
      `${entry!.id}: finished, step 12 of 12`,
    );

    const missing = await tandem(['show', 'nothing', '--json'], folder);
    expect(missing.code).toBe(2);
    expect(JSON.parse(missing.stdout)).toMatchObject({ error: { code: 'no_such_run' } });
  });
});

describe('diff', () => {
  test('sets two runs side by side: what differs, and how much is the same', async () => {
    const folder = project();
    for (const steps of ['15', '10'])
      await tandem(
        ['train', 'tiles.tandem.yaml', '--set', `train.steps=${steps}`, '--set', 'optimizer.clip_norm=2'],
        folder,
        asStandIn('good'),
      );
    const [second, first] = (await runsIn(folder)).map(({ file }) => file.id);
    const { stdout } = await tandem(['diff', first!, second!, '--json'], folder);
    const { a, b, sections } = JSON.parse(stdout) as {
      a: string;
      b: string;
      sections: { title: string; rows: { name: string; a: string; b: string }[]; same: number }[];
    };
    expect([a, b]).toEqual([first, second]);
    const [settings, data, ...rest] = sections;
    expect(settings!.rows).toContainEqual({ name: 'train.steps', a: '15', b: '10', isSame: false });
    expect(settings!.rows.map(({ name }) => name)).not.toContain('optimizer.clip_norm');
    expect(data).toMatchObject({ title: 'Data', rows: [] });
    expect(data!.same).toBeGreaterThan(3);
    expect(rest.at(-1)!.rows).toContainEqual({ name: 'step', a: '15', b: '10', isSame: false });

    const text = (await tandem(['diff', first!, second!], folder)).stdout;
    expect(text).toMatch(/^ {2}train\.steps +15 +10$/m);
    expect(text).toMatch(/^Data: nothing differs, \d+ are the same$/m);
    const missing = await tandem(['diff', 'last', 'nothing'], folder);
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('There is no run "nothing"')]);
  });
});

describe('wrong usage', () => {
  test.for([
    [['train', '--json'], "missing required argument 'file'"],
    [['nonsense', '--json'], "unknown command 'nonsense'"],
    [['show', 'last', '--what', '--json'], "unknown option '--what'"],
    [['sweep', 'x.yaml', '--parallel', '0', '--json'], 'It must be a whole number, 1 or more.'],
    [['stop', 'last', '--grace', 'soon', '--json'], 'It must be a whole number, 0 or more.'],
    [['runs', 'nowhere', '--json'], 'There is no folder '],
  ] as const)('%j is one document and says why', async ([options, said]) => {
    const { code, stdout, stderr } = await tandem([...options], projectFolder());
    expect(code).toBe(2);
    expect((JSON.parse(stdout) as { error: { message: string } }).error.message).toContain(said);
    expect(stderr).toContain(said);
  });

  test('a file that cannot be written is no fault of Tandem', async () => {
    const folder = project(2);
    await tandem(['train', 'tiles.tandem.yaml'], folder, asStandIn('good'));
    for (const command of ['export', 'report']) {
      const { code, stderr } = await tandem([command, 'last', '-o', 'nowhere/x'], folder);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/nowhere\/x could not be written: its folder is not there\./),
      ]);
    }
  });
});

test('a project that was renamed or copied resumes with its own data, and what is missing leaves the run as it was', async () => {
  const folder = project(1000);
  const end = finished(spawnTandem(['train', 'tiles.tandem.yaml'], folder, asStandIn('good', 5)));
  const { id } = await readRunFile(await firstRunReaches(folder, 10));
  await tandem(['stop', 'last'], folder);
  await end;
  const [copy, moved] = [`${folder}-copy`, `${folder}-moved`];
  cpSync(folder, copy, { recursive: true });
  renameSync(folder, moved);
  for (const place of [copy, moved]) {
    const dir = join(place, '.tandem/runs', id);
    const { data } = await readConfig(dir);
    expect([data.pairs, data.cache_dir]).toEqual(
      ['pairs/good.csv', '.tandem/cache'].map((path) => join(place, path)),
    );
    renameSync(join(place, 'pairs'), join(place, 'gone'));
    const lost = await tandem(['resume', id], place, asStandIn('good', 1));
    expect([lost.code, lost.stderr]).toEqual([
      2,
      expect.stringContaining(
        `${join(place, 'pairs/good.csv')} is not there, which the run reads as data.pairs; its project is in ${place} now.`,
      ),
    ]);
    expect((await readRunFile(dir)).status).toBe('stopped');
    renameSync(join(place, 'gone'), join(place, 'pairs'));
    expect((await tandem(['resume', id], place, asStandIn('good', 0))).code).toBe(0);
  }
});

test('the nearest run is named', async () => {
  const folder = project(2);
  const id = basename(await queuedRun(folder, 2, 'zebra'));
  await queuedRun(folder, 2, 'other');
  for (const name of ['zbra', id.slice(0, -1) + '_', 'ZEBRA'])
    expect((await tandem(['show', name], folder)).stderr).toContain(`Did you mean ${id}?`);
  expect((await tandem(['show', 'nothing at all'], folder)).stderr).toContain('The newest are ');
});

test('linked runs and linked projects are found, once each, and a link that leads back up ends nothing', async () => {
  const [folder, elsewhere] = [projectFolder(), projectFolder()];
  const own = await queuedRun(join(folder, 'own'));
  const linked = await queuedRun(elsewhere);
  symlinkSync(linked, join(folder, 'own/.tandem/runs', basename(linked)));
  const there = await queuedRun(join(elsewhere, 'project'));
  symlinkSync(join(elsewhere, 'project'), join(folder, 'project'));
  symlinkSync(folder, join(folder, 'project/up'));
  const { stdout, code } = await tandem(['runs', '--json'], folder);
  const ids = (JSON.parse(stdout) as Entry[]).map(({ id }) => id);
  expect([code, ids.sort()]).toEqual([0, [own, linked, there].map((dir) => basename(dir)).sort()]);
  expect((await tandem(['show', basename(linked)], folder)).stdout).toContain('queued, step 0 of 20');
});

test('settings are listed as the file has them, in columns that stand straight', async () => {
  const folder = project(2);
  writeFileSync(
    join(folder, '熊猫.tandem.yaml'),
    'data: { pairs: pairs/good.csv }\ntrain: { batch_size: 4, steps: 2 }\n',
  );
  const set = (...settings: string[]) => settings.flatMap((one) => ['--set', one]);
  await tandem(
    ['queue', '熊猫.tandem.yaml', ...set('train.engine=cpu', 'optimizer.weight_decay=2e-5')],
    folder,
  );
  await tandem(
    ['queue', 'tiles.tandem.yaml', ...set('data.augment.crop=[0.5, 1]', 'name="a\\u001b]0;b"')],
    folder,
  );
  const lines = (await tandem(['runs'], folder)).stdout.trimEnd().split('\n');
  expect(lines[2]).toMatch(/ {2}crop \[0\.5, 1\], name a\ufffd\]0;b$/);
  expect(lines[3]).toMatch(/ {2}engine cpu, weight decay 2e-5$/);
  // Two signs, four columns.
  expect(lines[3]!.indexOf('queued') + 2).toBe(lines[0]!.indexOf('status'));
});

test('a resumed run shows what is new', async () => {
  const folder = project(400);
  const child = spawnTandem(['train', 'tiles.tandem.yaml'], folder, asStandIn('good', 5));
  const end = finished(child);
  await firstRunReaches(folder, 10);
  child.kill('SIGINT');
  await end;
  const { stdout } = await tandem(['resume', 'last'], folder, asStandIn('good', 1));
  expect(stdout.match(/started: |resumed at step/g)).toEqual(['resumed at step']);
});

describe('logs of other programs', () => {
  const expected = JSON.parse(readFileSync(join(root, 'test/cases/expected.json'), 'utf8')) as {
    events: Record<
      string,
      { points: Record<string, number>; superseded?: number; shown?: number; non_finite?: number }
    >;
  };

  test.for(Object.entries(expected.events))('%s', async ([name, right]) => {
    const { code, stdout } = await tandem(
      ['show', join(root, 'test/cases/events', name), '--json'],
      projectFolder(),
    );
    expect(code).toBe(0);
    const document = JSON.parse(stdout) as Entry & { superseded: Record<string, number> };
    const onDisk = Object.fromEntries(
      Object.entries(document.series).map(([metric, points]) => [
        metric,
        points.length + (document.superseded[metric] ?? 0),
      ]),
    );
    expect(onDisk).toEqual(right.points);
    if (right.superseded !== undefined) expect(document.superseded['train/loss']).toBe(right.superseded);
    if (right.non_finite !== undefined)
      expect(document.series['train/loss']!.filter(([, value]) => typeof value === 'string')).toHaveLength(
        right.non_finite,
      );
    for (const points of Object.values(document.series))
      expect(points.map(([step]) => step)).toEqual([...points.map(([step]) => step)].sort((a, b) => a - b));
  });
});

test('schema prints the JSON schema that editors read', async () => {
  const { code, stdout } = await tandem(['schema'], projectFolder());
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    properties: { train: { properties: { batch_size: { default: 64 } } } },
  });
});

test('help and version are light and end well', async () => {
  const help = await tandem(['--help'], projectFolder());
  expect([help.code, help.stderr]).toEqual([0, '']);
  for (const command of [
    'validate',
    'train',
    'sweep',
    'queue',
    'resume',
    'stop',
    'runs',
    'show',
    'export',
    'engines',
    'engine',
    'schema',
  ])
    expect(help.stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
  expect((await tandem(['--version'], projectFolder())).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await tandem([], projectFolder())).code).toBe(2);
  expect((await tandem(['nonsense'], projectFolder())).code).toBe(2);
});

test('engines are what the trainer says', async () => {
  const { code, stdout } = await tandem(['engines', '--json'], projectFolder(), asStandIn('good'));
  expect([code, JSON.parse(stdout)]).toMatchObject([0, [{ name: 'cpu', works: true }]]);
  const unknown = await tandem(['engine', 'install', 'abacus'], projectFolder(), asStandIn('good'));
  expect([unknown.code, unknown.stderr]).toEqual([
    2,
    expect.stringContaining('There is no engine to install by the name "abacus".'),
  ]);
});
