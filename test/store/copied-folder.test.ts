import { cp, rename, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import {
  claimRun,
  listRuns,
  readRunFile,
  statusOf,
  stopRequested,
  updateRunFile,
} from '../../src/store/run-folder.ts';
import { writerOf } from '../../src/store/claim.ts';
import { ownProcess } from '../../src/store/process-identity.ts';
import { aFolder, aRun } from './a-config.ts';

test('a project that is copied while it trains: the copy does not train, and can be taken up', async () => {
  const { dir, root } = await training();
  const copy = join(await aFolder(), 'q');
  await cp(root, copy, { recursive: true });
  const copied = join(copy, '.tandem', 'runs', basename(dir));
  const [listed] = await listRuns(join(copied, '..'));
  expect(listed!.file).toMatchObject({ id: basename(dir), status: 'interrupted', process: null });
  expect(statusOf(await readRunFile(dir))).toBe('running');
  expect(await writerOf(copied)).toBeNull();
  expect((await claimRun(copied)).number).toBe(2);
  await expect(claimRun(dir)).rejects.toThrow(/is writing this run/);
  expect(await stopRequested(dir)).toBe(false);
});

test('a folder that is reached by another path, or renamed, is the same one', async () => {
  const { dir } = await training();
  const linked = join(await aFolder(), 'linked');
  await symlink(dir, linked);
  expect(statusOf(await readRunFile(linked))).toBe('running');
  await rename(dir, `${dir}-2`);
  expect(statusOf(await readRunFile(`${dir}-2`))).toBe('running');
  await expect(claimRun(`${dir}-2`)).rejects.toThrow(/is writing this run/);
});

test('where an earlier version did not write the folder, the process decides', async () => {
  const dir = await aRun();
  await updateRunFile(dir, { status: 'running', process: ownProcess(), heartbeat: Date.now() });
  expect(statusOf(await readRunFile(dir))).toBe('running');
});

async function training(): Promise<{ dir: string; root: string }> {
  const root = await aFolder();
  const dir = await aRun(root);
  const { process } = await claimRun(dir);
  await updateRunFile(dir, { status: 'running', process, heartbeat: Date.now() });
  return { dir, root };
}
