import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { CaptionsFound, ImagesFound } from '../../src/protocol/inference.ts';
import { openModelService } from '../../src/launcher/model/model-service.ts';
import { tandem } from './command-line.ts';
import { buildPrograms, programs, root } from './programs.ts';
import { projectFolder } from './runs.ts';

// The command line, the program that holds the model, and a model that has just been trained.
let folder: string;

beforeAll(async () => {
  await buildPrograms();
  folder = projectFolder();
  cpSync(join(root, 'test/cases/pairs'), join(folder, 'pairs'), { recursive: true });
  writeFileSync(
    join(folder, 'tiles.tandem.yaml'),
    `data: { pairs: pairs/good.csv, image_size: 32, val_fraction: 0.25, max_length: 16 }
model:
  image_encoder: { name: resnet_small }
  text_encoder: { name: bert-tiny }
  fusion: { kind: late, dim: 16 }
train: { batch_size: 4, steps: 4, threads: 1 }
`,
  );
  await tandem(['train', 'tiles.tandem.yaml'], folder);
}, 180_000);

const search = (...args: string[]) => tandem(['search', 'last', ...args], folder);

test('words find images of a folder, nearest first, as a table and as a document', async () => {
  const { code, stdout } = await search('a red tile', '--in', 'pairs/tiles', '--top', '3');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^ *score {2}image *\n-+ {2}-+\n( *-?\d\.\d{3} {2}\S+\n){3}Nearest of \d+ images in pairs.tiles; /m,
  );
  const printed = await search('a red tile', '--in', 'pairs/tiles', '--top', '3', '--json');
  const document = JSON.parse(printed.stdout) as { model: object; index: object; images: ImagesFound };
  expect(document.model).toMatchObject({ isBest: true, fusion: 'late' });
  expect(document.index).toMatchObject({ added: 0, removed: 0 });
  const shown = await tandem(['show', 'last'], folder);
  expect(document.model).toMatchObject({ isAtChance: shown.stdout.includes('It ended at chance') });
  const scores = document.images.hits.map(({ score }) => score);
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
});

test('an image finds captions of the data and images', async () => {
  const { stdout } = await search('--image', 'pairs/tiles/00.png', '--in', 'pairs/tiles', '--json');
  const { images, captions } = JSON.parse(stdout) as { images: ImagesFound; captions: CaptionsFound };
  expect(images.hits[0]).toMatchObject({ name: '00.png', score: expect.closeTo(1, 5) });
  expect(captions.hits.length).toBeGreaterThan(0);
});

test.each([
  [[], 2, /^A search is by words or by an image\. /m],
  [['x', '--in', 'nowhere'], 2, /^There is no folder .*nowhere\. Name a folder that holds images\.$/m],
  [['--image', 'pairs/tiles'], 1, /^The image .*tiles cannot be read: it is a folder\. Name an image file/m],
  [['--image', 'pairs/good.csv'], 1, /^The image .*good\.csv cannot be read: .*\. Name an image file/m],
])('%j ends with what to do', async (args, code, message) => {
  const ended = await search(...args);
  expect(ended.stderr).toMatch(message);
  expect(ended.code).toBe(code);
});

test('words that the model does not read are counted', async () => {
  // 16 tokens, two of which stand around the words.
  const { code, stderr } = await search('red '.repeat(2000), '--in', 'pairs/tiles');
  expect(code).toBe(0);
  expect(stderr).toContain(
    'The model does not read so many words at a time: the last 1,986 tokens are left out.',
  );
  expect((await search('a red tile', '--in', 'pairs/tiles')).stderr).not.toContain('left out');
});

test('a run that ended before its first checkpoint is to be resumed', async () => {
  const [run] = readdirSync(join(folder, '.tandem/runs'));
  const copy = join(folder, '.tandem/runs', `${run!}-copy`);
  cpSync(join(folder, '.tandem/runs', run!), copy, { recursive: true });
  rmSync(join(copy, 'checkpoints'), { recursive: true });
  const { code, stderr } = await tandem(['search', copy, 'a'], folder);
  rmSync(copy, { recursive: true });
  expect(code).toBe(1);
  expect(stderr).toContain('has no checkpoint yet. Resume the run: it ended before its first one.');
});

test('other pairs are measured, labels too, and show has them', async () => {
  const measured = await tandem(['eval', 'last', '--data', 'pairs/good.csv', '--json'], folder);
  // Only what a machine that takes longer than five seconds is told.
  expect(measured.stderr).toMatch(/^(Evaluated: \d+ of \d+ .*\n)*$/);
  expect(JSON.parse(measured.stdout)).toMatchObject({ kind: 'retrieval', captions: 12, left_out: 0 });
  const captions = readFileSync(join(folder, 'pairs/good.csv'), 'utf8').trim().split(/\r?\n/).slice(1);
  writeFileSync(
    join(folder, 'labels.txt'),
    captions.map((line) => line.slice(line.indexOf(',') + 1)).join('\n'),
  );
  const args = ['--data', 'pairs/good.csv', '--zero-shot', 'labels.txt'];
  const labelled = await tandem(['eval', 'last', ...args], folder);
  expect(labelled.stdout).toMatch(/^data +images +labels +step +top1 +top5$/m);
  const { stdout } = await tandem(['show', 'last'], folder);
  expect(stdout).toMatch(/^On other data:\ndata +images +captions +step .*recall@1 /m);
  expect(stdout).toMatch(/^pairs.good\.csv +12 +12 +\d+ .*\(chance 0\.417\)$/m);
});

test('a template without a place for the label is refused', async () => {
  writeFileSync(join(folder, 'two.txt'), 'a\nb\n');
  writeFileSync(join(folder, 'templates.txt'), 'a photo\n');
  const args = ['--data', 'pairs/good.csv', '--zero-shot', 'two.txt', '--templates', 'templates.txt'];
  const { code, stderr } = await tandem(['eval', 'last', ...args], folder);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^The template "a photo" has no \{\}\. Write \{\} where/);
});

test('a model is exported for other programs, with how it is loaded', async () => {
  const { code, stdout } = await tandem(['export', 'last', '--format', 'onnx', '-o', 'out'], folder);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^image\.onnx +\d.* MB$/m);
  expect(stdout).toMatch(/^ONNX opset 20, any number of images and captions of any length\.$/m);
  expect(readFileSync(join(folder, 'out/README.md'), 'utf8')).toContain('InferenceSession');
});

test('a model whose process ends answers all who wait', async () => {
  const service = openModelService(
    { nodePath: process.execPath, trainerFile: programs.trainer },
    join(folder, 'no-run'),
  );
  await expect(service.ask('facts', {})).rejects.toThrow(/no-run/);
  const asked = service.ask('thumbnails', { images: [join(folder, 'none.png')] });
  await expect(asked).rejects.toThrow(/no-run/);
  service.close();
  await expect(service.ask('facts', {})).rejects.toThrow(/The program that holds the model ended/);
});
