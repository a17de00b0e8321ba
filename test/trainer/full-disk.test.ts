import { EventEmitter } from 'node:events';
import { closeSync, cpSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkpointSteps, latestCheckpoint } from '../../src/store/checkpoints.ts';
import { readEvents } from '../../src/store/events.ts';
import { createRun, readRunFile } from '../../src/store/run-folder.ts';
import { trainRun } from '../../src/trainer/run.ts';
import { needs } from '../needs.ts';
import { smallDisk } from './small-disk.ts';
import { smallProject, type SmallProject } from './small-run.ts';

const small = smallDisk('120m');
const disk = small.path;
const filler = join(disk, 'filler');

let project: SmallProject;
beforeAll(async () => void (project = await smallProject()));
afterAll(async () => {
  await project.remove();
  small.remove();
});

/** Leaves not one byte. */
function fill(): void {
  const file = openSync(filler, 'a');
  for (let size = 1 << 20; size > 0;)
    try {
      writeSync(file, Buffer.alloc(size));
    } catch {
      size >>= 1;
    }
  fsyncSync(file);
  closeSync(file);
}

// A disk that fills up for real is the point.
it.runIf(needs(small.isOwn, 'the right to mount a file system'))(
  'a run whose disk is full to the last byte says so, and goes on when there is room',
  async () => {
    cpSync(join(project.folder, 'pictures'), join(disk, 'pictures'), { recursive: true });
    const config = project.config((one) => {
      one.train.steps = 400;
      one.eval.every = 400;
      one.checkpoint.every = 2;
      one.checkpoint.keep = 1;
      one.data.cache_dir = null;
    });
    const dir = await createRun(join(disk, '.tandem/runs'), {
      experiment: 'full',
      source: 'name: full\n',
      config,
      experimentPath: join(disk, 'full.tandem.yaml'),
    });
    const ended = trainRun(dir, new EventEmitter());
    while ((await checkpointSteps(dir)).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    fill();
    expect(await ended).toBe('failed');
    const { status, reason } = await readRunFile(dir);
    expect([status, reason]).toEqual(['failed', expect.stringMatching(/^The disk is full: /)]);
    expect((await readEvents(dir)).at(-1)).toMatchObject({ kind: 'ended', status: 'failed' });
    expect((await readdir(dir)).filter((name) => name.startsWith('.'))).toEqual([]);
    const before = (await latestCheckpoint(dir))!;
    expect(before.note).toBeNull();

    // Still full: another try changes nothing that is there.
    fill();
    await expect(trainRun(dir, new EventEmitter())).rejects.toThrow('The disk is full: ');
    expect((await latestCheckpoint(dir))!.step).toBe(before.step);

    rmSync(filler);
    const signals = new EventEmitter();
    const resumed = trainRun(dir, signals);
    while (((await checkpointSteps(dir))[0] ?? 0) <= before.step)
      await new Promise((resolve) => setTimeout(resolve, 5));
    signals.emit('SIGTERM');
    expect(await resumed).toBe('stopped');
  },
  120_000,
);
