/// <reference types="mocha" />
import * as assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { fillIn, hand, readToast } from './hands.ts';
import {
  behave,
  cleanUp,
  diagnostics,
  inside,
  node,
  openExperiment,
  start,
  status,
  until,
} from './inside.ts';

suite('a window in Simplified Chinese', () => {
  suiteSetup(() => inside());
  suiteTeardown(cleanUp);

  test('commands, explorer and messages are in the language of the window', async () => {
    const file = join(process.env['TANDEM_PROJECT']!, 'package.nls.zh-cn.json');
    const titles = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    const { commands } = (
      vscode.extensions.getExtension('tandem.tandem')!.packageJSON as {
        contributes: { commands: { command: string; title: { value: string } }[] };
      }
    ).contributes;
    const startTraining = commands.find(({ command }) => command === 'tandem.startTraining');
    assert.equal(startTraining?.title.value, titles['command.startTraining']);
    behave('good', 1);
    await start('中文', 20);
    const run = await status('中文', 'finished');
    assert.match(await readToast('完成'), /中文/);
    const { explorer } = await inside();
    assert.match(String(explorer.getTreeItem(node(run)).description), /秒|分钟/);
    await vscode.commands.executeCommand('tandem.runs.focus');
    await hand({ kind: 'picture', name: 'chinese' });
    const noted = vscode.commands.executeCommand('tandem.addNote', node(run));
    const input = String(await hand({ kind: 'read', selector: '.quick-input-widget .quick-input-titlebar' }));
    assert.match(input, /备注/);
    await fillIn('好');
    await noted;
  });

  test('a problem, its quick fix, hovers and completions in the editor', async () => {
    const text =
      'name: 编辑\ndata:\n  pairs: ../pairs.csv\nloss:\n  temprature: 0.1\ntrain:\n  engine: cpu\n  \n';
    const { document } = await openExperiment('编辑', text);
    const problem = await until('the problem', () =>
      diagnostics(document).find(({ code }) => code === 'unknown_key'),
    );
    assert.equal(problem.message, '未知的键 temprature（在 loss 下）；最接近的是 temperature。');
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      problem.range,
    );
    assert.equal(actions.find(({ edit }) => edit)?.title, '改为 temperature');
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      document.positionAt(text.indexOf('engine') + 1),
    );
    const shown = hovers.flatMap(({ contents }) =>
      contents.map((content) => (typeof content === 'string' ? content : content.value)),
    );
    assert.match(shown.join('\n'), /用什么计算。auto：.*第一个可用的/);
    const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      document.positionAt(text.length - 1),
    );
    const steps = items.find(({ label }) => (typeof label === 'string' ? label : label.label) === 'steps');
    const { value } = steps?.documentation as vscode.MarkdownString;
    assert.match(value, /运行的长度，以优化器更新次数计/);
  });

  test('rows of the explorer, while a run trains and after it was stopped', async () => {
    behave('good', 20);
    await start('树', 1_000_000);
    const run = await status('树', 'running');
    const { explorer } = await inside();
    const item = () => explorer.getTreeItem(node(run));
    await until('how far it is', () => /损失 [\d.]+ · [\d,]+\/1,000,000/.test(String(item().description)));
    await vscode.commands.executeCommand('tandem.stop', node(run));
    const stopped = await status('树', 'stopped');
    const { tooltip } = await explorer.resolveTreeItem(explorer.getTreeItem(node(stopped)), node(stopped));
    assert.match((tooltip as vscode.MarkdownString).value, /已停止/);
  });
});
