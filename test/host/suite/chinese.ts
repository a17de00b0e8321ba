/// <reference types="mocha" />
import * as assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { fillIn, hand, readToast } from './hands.ts';
import { behave, cleanUp, inside, node, start, status } from './inside.ts';

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
});
