import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { finished } from './command-line.ts';
import { buildPrograms, buildStandIn, programs, root } from './programs.ts';
import { projectFolder } from './runs.ts';

const folder = projectFolder();
beforeAll(async () => {
  await buildPrograms();
  await buildStandIn();
  mkdirSync(join(folder, 'examples/demo'), { recursive: true });
  cpSync(join(root, 'examples/demo/demo.tandem.yaml'), join(folder, 'examples/demo/demo.tandem.yaml'));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The demo, trained by the stand-in. */
function startDemo(stepMs: number) {
  return spawn(process.execPath, [join(programs.out, 'demo.js')], {
    cwd: folder,
    env: { ...process.env, TANDEM_TRAINER: programs.standIn, STAND_IN: 'good', STAND_IN_MS: String(stepMs) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('the demo makes its data once, and says where everything is also when nothing was measured', async () => {
  const first = await finished(startDemo(0));
  expect([first.code, first.stderr]).toEqual([0, '']);
  expect(first.stdout).not.toContain('from an earlier time');
  expect(first.stdout).toMatch(/^Runs: {4}demo\/\.tandem\/runs /m);

  const stopped = startDemo(20);
  const end = finished(stopped);
  stopped.stdout.on('data', (text: string) => {
    if (text.includes('1/3: started')) stopped.kill('SIGINT');
  });
  const second = await end;
  expect([second.code, second.stderr]).toEqual([130, expect.stringMatching(/^Stopping after .*\n$/)]);
  expect(second.stdout).toContain('The images are there from an earlier time.');
  expect(second.stdout).toMatch(/^Runs: {4}demo\/\.tandem\/runs /m);
}, 120_000);

test('no held-out picture is trained on, by name, content or idea', () => {
  const rows = (file: string) =>
    readFileSync(join(folder, 'demo', file), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => {
        const [picture, style, concept] = [line.split(',')[0]!, ...line.split(',').slice(-2)];
        return { picture, style: style!, concept: concept! };
      });
  const digest = ({ picture }: { picture: string }) =>
    createHash('sha256')
      .update(readFileSync(join(folder, 'demo', picture)))
      .digest('hex');
  const [train, val] = [rows('pairs.csv'), rows('val.csv')];
  expect(val.length).toBeGreaterThanOrEqual(300);
  expect(existsSync(join(folder, 'demo/LICENCES.txt'))).toBe(true);
  const pictures = new Set(train.map(({ picture }) => picture));
  const contents = new Set(train.map(digest));
  const ideas = new Set(train.filter(({ style }) => style === 'openmoji').map(({ concept }) => concept));
  expect(val.filter(({ picture }) => pictures.has(picture))).toEqual([]);
  expect(val.filter((row) => contents.has(digest(row)))).toEqual([]);
  expect(val.filter(({ style, concept }) => style !== 'openmoji' || ideas.has(concept))).toEqual([]);
});
