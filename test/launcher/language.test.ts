import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { tandem } from './command-line.ts';
import { buildPrograms } from './programs.ts';
import { projectFolder, queuedRun } from './runs.ts';

beforeAll(buildPrograms, 120_000);

test.each([
  ['zh-cn', 'zh-cn', '<dt>状态</dt><dd>排队中</dd>'],
  ['en', 'en', '<dt>status</dt><dd>queued</dd>'],
  // No texts in it, and a name that leads elsewhere.
  ['xx', 'en', '<dt>status</dt><dd>queued</dd>'],
  ['../zh-cn', 'en', '<dt>status</dt><dd>queued</dd>'],
])('a report for a reader of %s is in %s', async (asked, language, says) => {
  const project = projectFolder();
  await queuedRun(project, 20);
  const { code } = await tandem(['report', 'last', '--output', 'report.html'], project, {
    TANDEM_LANGUAGE: asked,
  });
  expect(code).toBe(0);
  const html = readFileSync(join(project, 'report.html'), 'utf8');
  expect(html).toContain(`<html lang="${language}">`);
  expect(html).toContain(says);
});
