import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Texts } from '../../src/text/say.ts';
import { needs } from '../needs.ts';
import { openedPanels, poll } from './host/opened.ts';
import { chromiumPath } from './host/serve.ts';

const chinese = JSON.parse(readFileSync('l10n/bundle.l10n.zh-cn.json', 'utf8')) as Texts;
const { open } = openedPanels('chinese', chinese);

describe.runIf(needs(chromiumPath !== undefined, 'Chromium'))(
  'the panel in Chinese',
  { timeout: 180_000 },
  () => {
    test('has its parts, buttons and counts in Chinese', async () => {
      const panel = await open({ tab: 'plots', done: 200, sweep: 1 });
      await panel.getByRole('tab', { name: '曲线' }).waitFor();
      expect(await panel.getByRole('tab').allTextContents()).toEqual([
        '实验',
        '运行',
        '曲线',
        '对比',
        '探索',
      ]);
      expect(await panel.locator('html').getAttribute('lang')).toBe('zh-cn');
      await panel.getByText(/显示 \d+ 个/).waitFor();
      await panel.getByRole('tab', { name: '对比' }).click();
      await panel.getByRole('region', { name: '结论' }).waitFor();
      await panel.getByRole('tab', { name: '实验' }).click();
      await poll(() => panel.getByRole('textbox', { name: '搜索设置' }).count()).toBe(1);
    });
  },
);
