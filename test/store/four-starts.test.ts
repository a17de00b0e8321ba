import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listRuns, readRunFile } from '../../src/store/run-folder.ts';
import { aFolder, aRun } from './a-config.ts';

const program = join(
  fileURLToPath(new URL('../..', import.meta.url)),
  `dist-test/claim-runs-${process.pid}.js`,
);

beforeAll(async () => {
  await esbuild.build({
    entryPoints: [fileURLToPath(new URL('programs/claim-runs.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
});

afterAll(() => rm(program));

test('four processes that start at once make runs of their own, and one of them gets the run that all want', async () => {
  const root = await aFolder();
  const shared = await aRun(root);
  const runsDir = join(shared, '..');
  const turns = 25;
  const startAt = Date.now() + 1500;
  const children = Array.from({ length: 4 }, () =>
    fork(program, [runsDir, shared, String(startAt), String(turns)]),
  );
  const answers = await Promise.all(children.map(answerOf));
  for (const child of children) child.send('all have asked');
  await Promise.all(children.map((child) => once(child, 'exit')));
  // All with the same second and name: only the letters at the end tell them apart.
  const made = answers.flatMap((answer) => answer.made);
  expect(new Set(made).size).toBe(40);
  for (const dir of made) expect((await readRunFile(dir)).id).toBe(basename(dir));
  expect((await listRuns(runsDir)).filter(({ problem }) => problem === null)).toHaveLength(41);
  expect((await readdir(runsDir)).filter((name) => name.startsWith('.new'))).toEqual([]);
  expect(answers.filter(({ won }) => won)).toHaveLength(1);
  // Turns never overlap: every "in" is followed by the "out" of the same process.
  const log = (await readFile(join(runsDir, '.turns.log'), 'utf8')).trim().split('\n');
  expect(log).toHaveLength(8 * turns);
  for (let at = 0; at < log.length; at += 2) expect(log[at + 1]).toBe(log[at]!.replace('in', 'out'));
});

/** Rejects when the process ends without an answer. */
async function answerOf(child: ChildProcess): Promise<{ made: string[]; won: boolean }> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`a process ended with ${code} before it answered`);
  });
  ended.catch(() => undefined);
  const answered = once(child, 'message') as Promise<[{ made: string[]; won: boolean }]>;
  const [answer] = await Promise.race([answered, ended]);
  return answer;
}
