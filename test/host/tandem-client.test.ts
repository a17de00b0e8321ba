import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { askTandem } from '../../src/extension/tandem-client.ts';
import { HumanError } from '../../src/protocol/human-error.ts';
import { buildPrograms, programs as built, root } from '../launcher/programs.ts';

beforeAll(buildPrograms, 120_000);

/** What the extension runs, as this test has built it. */
const programs = {
  trainer: { nodePath: process.execPath, trainerFile: built.trainer },
  file: (path: string) => join(built.out, basename(path)),
  checkNode: () => Promise.resolve(),
};

const folder = mkdtempSync(join(tmpdir(), 'tandem-client-'));
cpSync(join(root, 'test/cases/pairs'), join(folder, 'pairs'), { recursive: true });
const file = join(folder, 'tiles.tandem.yaml');
const text = 'data: { pairs: pairs/good.csv, val_fraction: 0.25 }\ntrain: { batch_size: 4, epochs: 3 }\n';

it('validates a text that is not saved, and says what the world is like and where its runs go', async () => {
  const reply = await askTandem(programs, 'validate', { file, text: `${text}sweep: { seeds: [0, 1] }\n` });
  expect(reply).toMatchObject({
    kind: 'answer',
    value: {
      data: { rows: 12, usable: 12, train_pairs: 9, val_pairs: 3 },
      facts: { data: { train_pairs: 9, columns: ['image', 'caption'], exists: true }, exists: {} },
      faults: [],
      runs_dir: join(folder, '.tandem/runs'),
      trials: 2,
    },
  });
  const { value } = reply as { value: { facts: { data: object; memory_bytes: number } } };
  expect(value.facts.memory_bytes).toBeGreaterThan(1e8);
  // Rows are listed once.
  expect(value.facts.data).not.toHaveProperty('bad');
});

it.for([
  ['pairs/none.csv', { data: { exists: false } }, []],
  ['pairs/tiles/00.png', {}, [{ path: 'data.pairs', severity: 'error' }]],
] as const)(
  'tells apart what a check finds and what only reading shows: %s',
  async ([pairs, facts, faults]) => {
    const reply = await askTandem(programs, 'validate', { file, text: `data: { pairs: ${pairs} }\n` });
    expect(reply).toMatchObject({ kind: 'answer', value: { facts, faults } });
    const { problems } = (
      reply as { value: { problems: { code: string; path: string; severity: string }[] } }
    ).value;
    expect(
      problems.filter(({ severity, path }) => severity === 'error' && path === 'data.pairs'),
    ).toHaveLength(1);
  },
);

it('shows pairs as the model sees them', async () => {
  const ask = { file, text, index: 3, epoch: 0, count: 2 };
  expect(await askTandem(programs, 'preview', ask)).toMatchObject({
    kind: 'answer',
    value: { kind: 'preview', total: 12, problem: null, items: [{ index: 3 }, { index: 4 }] },
  });
});

it('makes runs, or answers why it did not', async () => {
  writeFileSync(file, text);
  const ask = { file, set: ['seed=7'], isSingle: true };
  expect(await askTandem(programs, 'queue', ask)).toMatchObject({
    kind: 'answer',
    value: [{ status: 'queued', settings: { seed: 7 } }],
  });
  const wrong = await askTandem(programs, 'queue', { ...ask, text: 'loss: { temprature: 1 }\n' });
  expect(wrong).toMatchObject({ kind: 'answer', value: { problems: expect.any(Array) as unknown } });
});

it('gives every failure as a value', async () => {
  const ask = { file: join(folder, 'nowhere/x.yaml'), set: [], isSingle: true };
  const failures = await Promise.all([
    askTandem(programs, 'queue', ask),
    askTandem({ ...programs, file: () => join(folder, 'no-program.js') }, 'engines', {}),
    askTandem({ ...programs, trainer: { ...programs.trainer, nodePath: '/no/node' } }, 'engines', {}),
    askTandem(
      { ...programs, checkNode: () => Promise.reject(new HumanError('Old.', '', 'old_node')) },
      'engines',
      {},
    ),
  ]);
  expect(failures).toMatchObject(
    ['no_such_file', 'no_answer', 'no_node', 'old_node'].map((code) => ({
      kind: 'failure',
      error: { code },
    })),
  );
  const controller = new AbortController();
  const asked = askTandem(programs, 'validate', { file, text }, controller.signal);
  controller.abort();
  expect(await asked).toEqual({ kind: 'cancelled' });
});
