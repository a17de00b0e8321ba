import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkExperiment } from '../../src/experiment/checks/check.ts';
import type { Facts } from '../../src/experiment/checks/facts.ts';
import type { Problem } from '../../src/experiment/document/problem.ts';
import { completionsAt } from '../../src/experiment/editor/complete.ts';
import { describeSection, describeSetting } from '../../src/experiment/editor/describe.ts';
import { hoverAt } from '../../src/experiment/editor/hover.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { sections, settings } from '../../src/experiment/schema/settings.ts';
import { useTexts, type Texts } from '../../src/text/say.ts';
import { englishIn } from '../text/english-in.ts';
import { brokenCases } from './broken-cases.ts';
import { cases } from './check-cases.ts';

const chinese = JSON.parse(
  readFileSync(new URL('../../l10n/bundle.l10n.zh-cn.json', import.meta.url), 'utf8'),
) as Texts;

beforeAll(() => useTexts(chinese, 'zh-cn'));
afterAll(() => useTexts({}, 'en'));

const problemsOf = (text: string, facts?: Partial<Facts>): Problem[] => {
  const parsed = parseExperiment(text);
  return [...parsed.problems, ...checkExperiment(parsed, facts)];
};

/** All that an editor shows of a problem, without what another program said. */
function shown({ message, fixes, related = [] }: Problem): string[] {
  return [
    message.replace(/@tensorflow\S* is not installed/, ''),
    ...fixes.map(({ title }) => title),
    ...related.map((one) => one.message),
  ];
}

describe('an experiment file under Simplified Chinese', () => {
  test.each(cases)('%s', (code, text, _place, _severity, _says, facts) => {
    const found = problemsOf(text, facts);
    expect(found.map((one) => one.code)).toContain(code);
    for (const words of found.flatMap(shown)) expect(englishIn(words), words).toBeNull();
  });

  test.each(brokenCases)('%s', (_what, text) => {
    const found = problemsOf(text);
    expect(found).not.toEqual([]);
    for (const words of found.flatMap(shown)) expect(englishIn(words), words).toBeNull();
  });

  test('hovers of all settings and sections', () => {
    for (const setting of settings.values())
      expect(englishIn(describeSetting(setting)), setting.path).toBeNull();
    for (const section of sections.values())
      if (section.path) expect(englishIn(describeSection(section)), section.path).toBeNull();
  });

  test('a hover says what earlier runs reached', () => {
    const text = 'data: { pairs: a.csv }\noptimizer: { learning_rate: { text: 2e-5 } }\n';
    const earlier = {
      settings: { 'optimizer.learning_rate.text': 2e-5 },
      best: 0.5,
      metric: 'recall@1',
      diverged: false,
    };
    const { markdown } = hoverAt(text, text.indexOf('2e-5'), [earlier])!;
    expect(markdown).toContain('文本编码器的峰值学习率');
    expect(markdown).toContain(
      '您在 `2e-5` 附近的先前运行（1）：\n\n| 学习率 | 运行 | 最佳 recall@1 | 发散 |',
    );
  });

  test('completions', () => {
    for (const text of ['', 'sweep:\n  ', 'train:\n  engine: ', 'optimizer:\n  learning_rate:\n    ']) {
      const found = completionsAt(text, text.length);
      expect(found).not.toEqual([]);
      for (const { detail, documentation } of found)
        expect(englishIn(`${detail} ${documentation}`), `${text}: ${detail}`).toBeNull();
    }
  });

  test('the wording of a check and of its fix', () => {
    const [problem] = problemsOf(
      'data: { pairs: a.csv }\nmodel: { text_encoder: { weights: w } }\noptimizer: { learning_rate: { text: 1e-3 } }\n',
      { data: { train_pairs: 10_000, usable: 11_111, val_pairs: 1111 } },
    ).filter(({ code }) => code === 'rate_high_for_loaded_weights');
    expect(problem!.message).toBe(
      '1e-3 是从头训练用的学习率，而文本编码器从加载的权重开始：为常用值 2e-5 的 50 倍（BERT 微调：2e-5 到 5e-5），最初几步就会忘掉已学到的内容。',
    );
    expect(problem!.fixes[0]!.title).toBe('将 optimizer.learning_rate.text 设为 2e-5');
  });
});
