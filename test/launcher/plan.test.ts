import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createRuns } from '../../src/launcher/create-runs.ts';
import { runsDirsAround } from '../../src/launcher/locate.ts';
import { type Plan, planRuns } from '../../src/launcher/plan.ts';
import { planRestart } from '../../src/launcher/restart.ts';
import { readConfig, readRunFile, readSource } from '../../src/store/run-folder.ts';
import { root } from './programs.ts';
import { projectFolder } from './runs.ts';

async function plan(text: string, set: string[] = [], sweep = true): Promise<Plan> {
  const folder = projectFolder();
  cpSync(join(root, 'test/cases/pairs'), join(folder, 'pairs'), { recursive: true });
  mkdirSync(join(folder, '.tandem'));
  const file = join(folder, 'tiles.tandem.yaml');
  writeFileSync(file, text);
  return planRuns(file, { set, sweep });
}

const errorsOf = ({ problems }: Plan) => problems.filter(({ severity }) => severity === 'error');

const short = 'data: { pairs: pairs/good.csv, val_fraction: 0.25 }\ntrain: { batch_size: 4, epochs: 3 }\n';

test('the data decide the steps', async () => {
  const { runs, data, trials } = await plan(short);
  expect(data).toMatchObject({ rows: 12, usable: 12, train_pairs: 9, val_pairs: 3 });
  expect([trials, runs.length]).toEqual([1, 1]);
  expect(runs[0]!.config.train).toMatchObject({ steps_per_epoch: 2, steps: 6 });
  expect(runs[0]!.config.name).toBe('tiles');
  expect(runs[0]!).toMatchObject({ settings: {}, sweep: null });
});

test('a file of its own to validate on leaves all pairs to train on', async () => {
  const { data } = await plan(
    'data: { pairs: pairs/good.csv, val: pairs/same-again.csv }\ntrain: { batch_size: 4 }\n',
  );
  expect(data).toMatchObject({ train_pairs: 12, val_pairs: 5 });
});

test('the list of an image folder is read and checked by the names it has', async () => {
  const folder = projectFolder();
  cpSync(join(root, 'test/cases/pairs/tiles'), join(folder, 'train'), { recursive: true });
  const rows = ['00', '01', '02', '03'].map((name) => ({ file_name: `${name}.png`, text: `tile ${name}` }));
  writeFileSync(join(folder, 'train/metadata.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  const file = join(folder, 'tiles.tandem.yaml');
  writeFileSync(file, 'data: { pairs: train, val_fraction: 0.25 }\ntrain: { batch_size: 2 }\n');
  const one = await planRuns(file);
  expect(errorsOf(one)).toEqual([]);
  expect(one.data).toMatchObject({ rows: 4, usable: 4 });
});

test('a sweep becomes runs that know their place', async () => {
  const { runs, trials } = await plan(`${short}sweep: { loss.temperature: [0.05, 0.1], seeds: [0, 7] }\n`);
  expect(trials).toBe(4);
  expect(runs.map(({ settings }) => settings)).toEqual([
    { 'loss.temperature': 0.05, seed: 0 },
    { 'loss.temperature': 0.1, seed: 0 },
    { 'loss.temperature': 0.05, seed: 7 },
    { 'loss.temperature': 0.1, seed: 7 },
  ]);
  expect(runs.map(({ config }) => [config.loss.temperature, config.seed])).toEqual([
    [0.05, 0],
    [0.1, 0],
    [0.05, 7],
    [0.1, 7],
  ]);
  expect(runs.map(({ sweep }) => sweep!.index)).toEqual([0, 1, 2, 3]);
  expect(new Set(runs.map(({ sweep }) => sweep!.id)).size).toBe(1);
});

test('without its sweep a file is one run', async () => {
  const { runs, trials } = await plan(`${short}sweep: { loss.temperature: [0.05, 0.1] }\n`, [], false);
  expect([trials, runs.length]).toEqual([2, 1]);
  expect(runs[0]!.sweep).toBeNull();
});

test('what is set beside the file is a setting of the run, and the text stays as it is', async () => {
  const one = await plan(short, ['train.epochs=5', 'optimizer.learning_rate.image=3e-4', 'name=other']);
  expect(errorsOf(one)).toEqual([]);
  expect(one.runs[0]!.settings).toEqual({
    'train.epochs': 5,
    'optimizer.learning_rate.image': 3e-4,
    name: 'other',
  });
  expect(one.runs[0]!.config).toMatchObject({ name: 'other', train: { steps: 10 } });
  const [dir] = await createRuns(one);
  expect(await readSource(dir!)).toBe(short);
  expect((await readConfig(dir!)).optimizer.learning_rate.image).toBe(3e-4);
  expect(readFileSync(one.file, 'utf8')).toBe(short);
});

test('what is set takes the place of what excludes it', async () => {
  const one = await plan(short, ['train.steps=9', 'data.val=pairs/same-again.csv']);
  expect(errorsOf(one)).toEqual([]);
  expect(one.runs[0]!.config.train).toMatchObject({ steps: 9, epochs: null });
  expect(one.runs[0]!.config.data.val).toMatch(/same-again\.csv$/);
  expect(errorsOf(await plan(short, ['train.steps=9', 'train.epochs=2'])).map(({ code }) => code)).toContain(
    'exclusive_keys',
  );
});

test('a problem of a set value says so, at the place that the file has for it', async () => {
  const one = await plan(short, ['train.epochs=1.5', 'data.image_size=64']);
  expect(errorsOf(one)).toMatchObject([
    {
      path: 'train.epochs',
      message: expect.stringMatching(/^--set train\.epochs=1\.5: /),
      range: { line: 2, column: 33 },
    },
  ]);
  expect(one.runs).toEqual([]);
});

test('what is set can mend the file', async () => {
  const broken = short.replace('good.csv', 'gone.csv');
  expect(errorsOf(await plan(broken))).toMatchObject([{ code: 'file_not_found', path: 'data.pairs' }]);
  expect(errorsOf(await plan(broken, ['data.pairs=pairs/good.csv']))).toEqual([]);
});

test('a fault of the data is a problem at the key to blame', async () => {
  const cases: [string, string][] = [
    ['data: { pairs: pairs/gone.csv }', 'data.pairs'],
    ['data: { pairs: pairs/good.csv, val: pairs/gone.csv }', 'data.val'],
    ['data: { pairs: pairs/good.csv, image_column: picture }', 'data.image_column'],
    ['data: { pairs: pairs/good.csv, split_by: scene }', 'data.split_by'],
    ['data: { pairs: pairs/good.csv, image_root: nowhere }', 'data.image_root'],
    ['data: { pairs: pairs/tiles/00.png }', 'data.pairs'],
  ];
  for (const [text, path] of cases) {
    const one = await plan(`${text}\ntrain: { batch_size: 4 }\n`);
    expect(errorsOf(one), text).toMatchObject([{ path }]);
    expect(one.runs).toEqual([]);
  }
});

test('a restart has the text and settings of the earlier run, with changes over them', async () => {
  const [dir] = await createRuns(await plan(`# my note\n${short}`, ['train.epochs=5', 'seed=3']));
  const again = await planRestart(dir!, { 'train.epochs': 7, 'loss.temperature': 0.05 });
  expect(again.text).toBe(`# my note\n${short}`);
  expect(again.runs).toHaveLength(1);
  expect(again.runs[0]!.settings).toEqual({ 'train.epochs': 7, seed: 3, 'loss.temperature': 0.05 });
  expect(again.runs[0]!.config).toMatchObject({ seed: 3, train: { epochs: 7 }, loss: { temperature: 0.05 } });
  const [next] = await createRuns(again);
  expect((await readRunFile(next!)).experiment_path).toBe('tiles.tandem.yaml');
});

test('runs stay where they are when caches appear, and one project has one cache', async () => {
  const project = projectFolder();
  const experiment = (folder: string): string => {
    cpSync(join(root, 'test/cases/pairs'), join(folder, 'pairs'), { recursive: true });
    writeFileSync(join(folder, 'tiles.tandem.yaml'), short);
    return join(folder, 'tiles.tandem.yaml');
  };
  mkdirSync(join(project, '.tandem/runs'), { recursive: true });
  const [a, b] = ['a', 'sub/b'].map((name) => experiment(join(project, name)));
  const runsDir = join(project, '.tandem/runs');
  for (const file of [a!, b!]) {
    const one = await planRuns(file);
    expect(one.runsDir).toBe(runsDir);
    expect(one.runs[0]!.config.data.cache_dir).toBe(join(project, '.tandem/cache'));
    await createRuns(one);
    // As another program, or an experiment with a cache of its own, may make one.
    mkdirSync(join(dirname(file), '.tandem/cache'), { recursive: true });
    expect((await planRuns(file)).runsDir).toBe(runsDir);
    expect(await runsDirsAround(dirname(file))).toEqual([runsDir]);
  }
  const own = await planRuns(a!, { set: ['data.cache_dir=decoded'] });
  expect(own.runs[0]!.config.data.cache_dir).toBe(join(project, 'a/decoded'));
  expect(readFileSync(join(project, '.tandem/.gitignore'), 'utf8')).toBe('*\n');
});

test('a share that holds out nothing names the smallest that does', async () => {
  const held = (val_fraction: number) =>
    plan(`data: { pairs: pairs/good.csv, val_fraction: ${val_fraction} }\ntrain: { batch_size: 4 }\n`);
  const none = (await held(0.001)).problems.find(({ code }) => code === 'no_validation')!;
  const smallest = Number(/The smallest that holds out any here is ([\d.]+)\.$/.exec(none.message)![1]);
  const counts = [smallest, smallest - 0.001].map(async (share) => (await held(share)).data!.val_pairs);
  expect(await Promise.all(counts)).toEqual([expect.toSatisfy((count: number) => count > 0), 0]);
});

test.each([
  ['data: { pairs: pairs/god.csv }', 'Set data.pairs to pairs/good.csv'],
  ['data: { pairs: pairs/GOOD.csv }', 'Set data.pairs to pairs/good.csv'],
  ['data: { pairs: pairs/good.csv, val: pairs/same_again.csv }', 'Set data.val to pairs/same-again.csv'],
])('a misspelt file is near another: %s', async (text, title) => {
  const [problem] = errorsOf(await plan(`${text}\n`));
  expect(problem!.code).toBe('file_not_found');
  expect(problem!.fixes[0]!.title).toBe(title);
});

test.each([
  [3000, 0, 'error', /^None of the 3,000 images/],
  [300, 9700, 'warning', /^300 of 10,000 images cannot be read; their rows are left out/],
])(
  '%i images that are not there beside %i are a problem also where none is opened',
  async (missing, there, severity, says) => {
    const folder = projectFolder();
    mkdirSync(join(folder, 'images'));
    const name = (row: number) => `images/${row < missing ? 'gone' : 'there'}-${row}.png`;
    const rows = Array.from({ length: missing + there }, (_, row) => `${name(row)},caption ${row}`);
    for (let row = missing; row < missing + there; row++) writeFileSync(join(folder, name(row)), '');
    writeFileSync(join(folder, 'pairs.csv'), ['image,caption', ...rows, ''].join('\n'));
    const file = join(folder, 'missing.tandem.yaml');
    writeFileSync(file, 'data: { pairs: pairs.csv }\n');
    const { problems } = await planRuns(file, { checkImages: false });
    expect(problems.filter((one) => says.test(one.message)).map((one) => one.severity)).toEqual([severity]);
  },
);
