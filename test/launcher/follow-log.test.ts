import { appendFile, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { followLog } from '../../src/launcher/follow-log.ts';

const aFile = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'log-')), 'trainer.log');

test('a log is followed from before it exists, letter by letter, and begins anew when it does', async () => {
  const file = await aFile();
  const next = followLog(file);
  expect(await next()).toBeNull();
  await writeFile(file, '\u001b[31mred\u001b[0m line\n');
  expect(await next()).toEqual({ text: 'red line\n', isWhole: true });
  expect(await next()).toBeNull();
  // A letter of three bytes that comes in two parts.
  const bytes = Buffer.from('图片\n');
  await appendFile(file, bytes.subarray(0, 4));
  expect(await next()).toEqual({ text: '图', isWhole: false });
  await appendFile(file, bytes.subarray(4));
  expect(await next()).toEqual({ text: '片\n', isWhole: false });
  await writeFile(file, 'anew\n');
  expect(await next()).toEqual({ text: 'anew\n', isWhole: true });
});

test('of a long log the end is shown, from a whole line on', async () => {
  const file = await aFile();
  const lines = Array.from({ length: 20_000 }, (_, index) => `step ${index}`);
  await writeFile(file, `${lines.join('\n')}\n`);
  const text = (await followLog(file)())!.text;
  expect(text).toMatch(/^step \d+\n/);
  expect(text.endsWith('step 19999\n')).toBe(true);
  expect(lines.join('\n')).toContain(`\n${text.trimEnd()}`);
  expect(text.length).toBeLessThanOrEqual(64 * 1024);
});
