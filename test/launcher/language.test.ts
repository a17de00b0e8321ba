import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { beforeAll, describe, expect, test } from 'vitest';
import { localeLanguage } from '../../src/launcher/cli/language.ts';
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

describe('the language of a terminal', () => {
  // POSIX.1-2017, 8.2; LANGUAGE as in gettext's manual, 2.3.3.
  test.each([
    [{}, 'en'],
    [{ LANG: 'zh_CN.UTF-8' }, 'zh-cn'],
    [{ LANG: 'zh_CN' }, 'zh-cn'],
    [{ LANG: 'zh_SG.utf8' }, 'zh-cn'],
    [{ LANG: 'zh_Hans_CN.UTF-8@pinyin' }, 'zh-cn'],
    [{ LC_MESSAGES: 'zh_CN.UTF-8', LANG: 'en_US.UTF-8' }, 'zh-cn'],
    [{ LC_MESSAGES: 'en_US.UTF-8', LANG: 'zh_CN.UTF-8' }, 'en'],
    [{ LC_ALL: 'zh_CN.UTF-8', LC_MESSAGES: 'en_US.UTF-8' }, 'zh-cn'],
    [{ LC_ALL: 'C', LC_MESSAGES: 'zh_CN.UTF-8', LANG: 'zh_CN.UTF-8' }, 'en'],
    [{ LC_ALL: '', LC_MESSAGES: '', LANG: 'zh_CN.UTF-8' }, 'zh-cn'],
    // Of other characters, and of another language.
    [{ LANG: 'zh_TW.UTF-8' }, 'en'],
    [{ LANG: 'de_DE.UTF-8' }, 'en'],
    // A terminal that does not read UTF-8.
    [{ LANG: 'zh_CN.GB18030' }, 'en'],
    [{ LANGUAGE: 'zh_CN:en', LANG: 'en_US.UTF-8' }, 'zh-cn'],
    [{ LANGUAGE: 'de:zh_CN:en', LANG: 'de_DE.UTF-8' }, 'zh-cn'],
    [{ LANGUAGE: 'en', LANG: 'zh_CN.UTF-8' }, 'en'],
    [{ LANGUAGE: '', LANG: 'zh_CN.UTF-8' }, 'zh-cn'],
    // Where there is no language, no list of them counts.
    [{ LANGUAGE: 'zh_CN', LANG: 'C' }, 'en'],
    [{ LANGUAGE: 'zh_CN' }, 'en'],
  ] as const)('of %j is %s', (env, language) => {
    expect(localeLanguage(env)).toBe(language);
  });
});

/** As a terminal in Simplified Chinese calls it. */
const inChinese = { TANDEM_LANGUAGE: '', LC_ALL: 'zh_CN.UTF-8', LANGUAGE: '' };

describe('a terminal in Chinese', () => {
  test('has help in Chinese, its columns as wide as the signs are', async () => {
    const { code, stdout } = await tandem(['--help'], projectFolder(), inChinese);
    expect(code).toBe(0);
    for (const title of ['用法：', '选项：', '命令：']) expect(stdout).toContain(title);
    const lines = stdout.trimEnd().split('\n');
    for (const line of lines) expect(stringWidth(line), line).toBeLessThanOrEqual(80);
    const texts = lines.filter((line) => /^ {2}\S.* {2}\S/.test(line));
    expect(texts.length).toBeGreaterThan(20);
    const columns = texts.map((line) =>
      stringWidth(/^ {2}\S.*? {2,}(?=\S+$|\p{Script=Han})/u.exec(line)?.[0] ?? ''),
    );
    expect(new Set(columns.filter((width) => width > 0)).size, lines.join('\n')).toBe(1);
    for (const line of texts) expect(line, 'a text in Chinese').toMatch(/\p{Script=Han}/u);
  });

  test('hears in Chinese what is wrong with a command', async () => {
    const project = projectFolder();
    const wrong = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await tandem(args, project, inChinese);
      expect(code).toBe(2);
      return stderr.split('\n')[0]!;
    };
    expect(await wrong('runz')).toBe('错误：未知的命令 runz');
    expect(await wrong('runs', '--all')).toBe('错误：未知的选项 --all');
    expect(await wrong('train')).toBe('错误：缺少必需的参数 file');
    expect(await wrong('stop', 'last', '--grace', 'x')).toBe(
      '错误：选项 --grace <seconds> 的值“x”无效。必须是不小于 0 的整数。',
    );
    expect(await wrong('export', 'last', '--format', 'pdf')).toBe(
      '错误：选项 --format <format> 的值“pdf”无效。必须是以下之一：csv, onnx, safetensors, projector。',
    );
    expect(await wrong('schema', 'more')).toBe('错误：参数过多：应为 0 个，给出了 1 个');
  });

  test('lists runs in columns that stand below each other', async () => {
    const project = projectFolder();
    await queuedRun(project, 20, '图文对');
    await queuedRun(project, 1000, 'plain');
    const { stdout } = await tandem(['runs'], project, inChinese);
    const [header, rule, ...rows] = stdout.trimEnd().split('\n');
    const start = (line: string, word: string): number => stringWidth(line.slice(0, line.indexOf(word)));
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(start(row, '排队中')).toBe(start(header!, '状态'));
    expect(start(rule!, '--  --') + 4).toBe(start(header!, '状态'));
  });

  test('gives programs the document that every terminal gets', async () => {
    const project = projectFolder();
    await queuedRun(project, 20);
    const [chinese, english] = await Promise.all([
      tandem(['runs', 'nowhere', '--json'], project, inChinese),
      tandem(['runs', 'nowhere', '--json'], project, { ...inChinese, LC_ALL: 'C' }),
    ]);
    expect(chinese.stdout).toBe(english.stdout);
    expect(JSON.parse(chinese.stdout)).toMatchObject({ error: { code: 'no_such_folder' } });
    const asked = await tandem(['--language', 'zh-cn', 'runs', 'nowhere', '--json'], project);
    expect(JSON.parse(asked.stdout)).toMatchObject({
      error: {
        code: 'no_such_folder',
        message: `没有文件夹 ${join(project, 'nowhere')}。请指定含有实验或运行的文件夹。`,
      },
    });
  });

  test('is left by --language', async () => {
    const { stdout } = await tandem(['runs', '--language', 'en'], projectFolder(), inChinese);
    expect(stdout).toMatch(/^No runs in or above/);
  });

  test('has reports in Chinese too', async () => {
    const project = projectFolder();
    await queuedRun(project, 20);
    const { stdout } = await tandem(['report', 'last'], project, inChinese);
    expect(stdout).toBe('已写入 report.html。\n');
    expect(readFileSync(join(project, 'report.html'), 'utf8')).toContain('<html lang="zh-cn">');
  });
});
