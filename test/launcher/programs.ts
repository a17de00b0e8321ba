import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';

export const root = fileURLToPath(new URL('../..', import.meta.url));
/** Beside dist/, so that the bundles find the same node_modules. */
const out = join(root, 'dist-test');

/** The programs, bundled from the sources as they are now, and the stand-in trainer. */
export const programs = {
  out,
  tandem: join(out, 'tandem.js'),
  trainer: join(out, 'trainer.js'),
  /** One per test file, so that nobody has to wait for anybody. */
  standIn: join(out, `stand-in-${process.pid}.js`),
};

/** Bundles the stand-in trainer, which is all that tests of the launcher itself need; undone by the result. */
export async function buildStandIn(): Promise<() => void> {
  await esbuild.build({
    entryPoints: [join(root, 'test/launcher/stand-in/trainer.ts')],
    outfile: programs.standIn,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  return () => rmSync(programs.standIn);
}

/** Builds the real programs unless they are newer than every source; test files in other processes wait for the one that builds. */
export async function buildPrograms(): Promise<void> {
  mkdirSync(out, { recursive: true });
  const lock = join(out, 'building');
  const stamp = join(out, 'built');
  for (let waitedMs = 0; ; waitedMs += 100) {
    if (existsSync(stamp) && statSync(stamp).mtimeMs > newestSource()) return;
    try {
      mkdirSync(lock);
      break;
    } catch {
      // Another process builds; a lock left by one that was killed is broken after a while.
      if (waitedMs > 60_000) rmSync(lock, { recursive: true });
      await sleep(100);
    }
  }
  try {
    const began = Date.now();
    await promisify(execFile)(
      process.execPath,
      ['build.mjs', '--out', 'dist-test', '--only', 'tandem,trainer'],
      { cwd: root },
    );
    writeFileSync(stamp, String(began));
  } finally {
    rmSync(lock, { recursive: true });
  }
}

function newestSource(): number {
  let newest = 0;
  for (const folder of ['src', 'examples/demo', 'build.mjs'])
    for (const file of filesIn(join(root, folder))) newest = Math.max(newest, statSync(file).mtimeMs);
  return newest;
}

function filesIn(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
