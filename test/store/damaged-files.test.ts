import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { showForeign, showRun } from '../../src/launcher/show.ts';
import { HumanError } from '../../src/protocol/human-error.ts';
import { latestCheckpoint, writeCheckpoint } from '../../src/store/checkpoints.ts';
import { readCurveCache, writeCurveCache } from '../../src/store/curve-cache.ts';
import { openEventWriter } from '../../src/store/events.ts';
import { openRunLog } from '../../src/store/run-log.ts';
import { readSafetensors } from '../../src/store/safetensors.ts';
import type { Tensors } from '../../src/store/tensors.ts';
import { aFolder, aRun } from './a-config.ts';
import { damagedCopy } from './mutations.ts';

// Random damage with seeds, so that what fails fails again. What must hold: a value, or one sentence that names the file.
const fixtures = join(import.meta.dirname, '../fixtures/store');
const seeds = Array.from({ length: 300 }, (_, seed) => seed);

/** What went wrong in words; null when it went well. Anything but a HumanError is a fault of ours. */
async function reasonOf(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof HumanError) return error.message;
    throw error;
  }
}

test('safetensors', async () => {
  const bytes = await readFile(join(fixtures, 'python.safetensors'));
  const file = join(await aFolder(), 'x.safetensors');
  let damaged = 0;
  for (const seed of seeds) {
    await writeFile(file, damagedCopy(bytes, seed));
    const reason = await reasonOf(() => readSafetensors(file));
    if (reason === null) continue;
    damaged++;
    expect(reason).toMatch(/x\.safetensors is damaged \(.+\)\. Use another copy/);
  }
  expect(damaged).toBeGreaterThan(100);
});

test('checkpoints: the newest as it was written, or the one before it', async () => {
  const dir = await aRun();
  const model = (value: number): Tensors => ({
    w: { dtype: 'F32', shape: [2], data: Float32Array.from([value, value]) },
  });
  const place = await writeCheckpoint(dir, 20, { model: model(2), optimizer: model(-2), state: { at: 2 } });
  await writeCheckpoint(dir, 10, { model: model(1), optimizer: model(-1), state: { at: 1 } });
  for (const name of await readdir(place)) {
    const bytes = await readFile(join(place, name));
    for (const seed of seeds.slice(0, 100)) {
      await writeFile(join(place, name), damagedCopy(bytes, seed));
      const { step, model: read, state, note } = (await latestCheckpoint(dir))!;
      expect([read, state]).toEqual([model(step / 10), { at: step / 10 }]);
      if (step === 10)
        expect(note).toMatch(/^The checkpoint of step 20 is damaged: .+\. Going on from step 10/);
    }
    await writeFile(join(place, name), bytes);
  }
});

test('events, and the copy of their curves', async () => {
  const dir = await aRun();
  const writer = await openEventWriter(dir);
  const started = { steps: 50, steps_per_epoch: 5, batch_size: 4, engine: 'cpu', provider: null, device: '' };
  writer.write({
    kind: 'started',
    time: 1,
    step: 0,
    ...started,
    threads: 1,
    clip_norm: 1,
    train_pairs: 20,
    val_pairs: 5,
  });
  for (let step = 1; step <= 50; step++) {
    writer.write({
      kind: 'step',
      time: step,
      step,
      metrics: { 'train/loss': 1 / step, 'grad_norm/text': 1 },
    });
    if (step % 10) continue;
    const chance = { 'val/recall@1': { mean: 0.2, deviation: 0.1 } };
    writer.write({ kind: 'eval', time: step, step, metrics: { 'val/recall@1': 0.5 }, chance });
    writer.write({ kind: 'checkpoint', time: step, step, best: true });
    writer.write({ kind: 'note', time: step, step, severity: 'info', code: 'x', message: 'y', items: ['z'] });
  }
  const last_finite_norm = { text: 1 };
  writer.write({ kind: 'skipped', time: 50, step: 50, branch: 'text', in_a_row: 1, last_finite_norm });
  writer.write({ kind: 'ended', time: 51, step: 50, status: 'failed', reason: 'why' });
  await writer.close();
  const file = join(dir, 'events.jsonl');
  const bytes = await readFile(file);
  const log = openRunLog(dir, { cache: false });
  await log.update();
  const cache = join(dir, '.curves');
  await writeCurveCache(cache, file, log.state, bytes.length);
  const copy = await readFile(cache);
  for (const seed of seeds) {
    await writeFile(cache, damagedCopy(copy, seed));
    // A copy is believed only with its header's digest; its columns may hold other numbers, but never another shape.
    const kept = await readCurveCache(cache, file);
    if (kept) expect([...kept.state.series.keys()]).toEqual([...log.state.series.keys()]);
  }
  for (const seed of seeds) {
    await writeFile(file, damagedCopy(bytes, seed));
    const again = openRunLog(dir, { cache: false });
    await again.update();
    const shown = await showRun(dir);
    // Damage costs the lines that it is in (a piece that is there twice may take some back), not the run.
    expect(shown.series['train/loss']!.length).toBeGreaterThan(0);
    expect(Object.keys(shown.series)).toEqual([...again.state.series.keys()]);
    for (const { severity, message } of shown.notes)
      expect([typeof severity, typeof message]).toEqual(['string', 'string']);
    if (shown.reason !== null) expect(typeof shown.reason).toBe('string');
  }
});

test('TensorBoard files', async () => {
  for (const name of ['pytorch', 'tensors-of-all-types', 'other-plugins']) {
    const [first] = await readdir(join(fixtures, name));
    const bytes = await readFile(join(fixtures, name, first!));
    const folder = await aFolder();
    const { series: whole } = await showForeign(join(fixtures, name));
    for (const seed of seeds) {
      const copy = damagedCopy(bytes, seed);
      await writeFile(join(folder, first!), copy);
      const { notes, series } = await showForeign(folder);
      for (const { code, message } of notes)
        if (code === 'damaged_log')
          expect(message).toMatch(
            /is damaged \(.+ at byte \d+\): [\d,]+ bytes? of this file (is|are) not read\.$/,
          );
        else expect(code).toBe('no_scalars');
      // What no checksum covers (that of a length is looked at only when the length leads out of the file) changes nothing.
      const isSaid = notes.some(({ code }) => code === 'damaged_log');
      if (copy.length === bytes.length && !isSaid) expect(series).toEqual(whole);
    }
  }
});
