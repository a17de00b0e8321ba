/// <reference types="mocha" />
import * as assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { blankRunFile } from '../../../src/store/run-file.ts';
import { inside, measured, openExperiment, runsOf, squares, until, workspace } from './inside.ts';

const count = 10_000;

suite('what one has after a while', () => {
  suiteSetup(() => inside());
  suiteTeardown(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  test('a hover on a learning rate shows what earlier runs near it reached', async () => {
    process.env['STAND_IN'] = 'good';
    process.env['STAND_IN_MS'] = '1';
    const rate = 'optimizer: { learning_rate: { image: 1e-3 } }\n';
    const { document } = await openExperiment('rates', `${squares('rates', 10)}${rate}`);
    await vscode.commands.executeCommand('tandem.startTraining', document.uri);
    await until('the run', async () => (await runsOf('rates'))[0]?.status === 'finished');
    const offset = document.getText().indexOf('1e-3');
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      document.positionAt(offset),
    );
    const text = hovers
      .flatMap(({ contents }) => contents.map((part) => (part as vscode.MarkdownString).value))
      .join('\n');
    assert.match(text, /Your earlier runs near .*1e-3.* \(\d+\)/);
  });

  test('the settings of a run are copied as text without the home folder', async () => {
    const [run] = await runsOf('rates');
    await vscode.commands.executeCommand('tandem.copySettings', { kind: 'run', run });
    const text = await vscode.env.clipboard.readText();
    assert.match(text, /^optimizer\.learning_rate\.image: 1e-3$/m);
    assert.doesNotMatch(text, /^reasons/m);
  });

  test('ten thousand runs are listed', async () => {
    const runs = join(workspace(), '.tandem/runs');
    mkdirSync(runs, { recursive: true });
    for (let index = 0; index < count; index++) {
      const id = `20250101-${String(index).padStart(6, '0')}-many-${index.toString(36).padStart(4, '0')}`;
      mkdirSync(join(runs, id));
      const file = { ...blankRunFile(id), experiment: 'many', created: 1.7e12 + index, status: 'finished' };
      writeFileSync(join(runs, id, 'run.json'), JSON.stringify(file));
    }
    const { refresh, explorer } = await inside();
    const start = performance.now();
    await until('all of them', async () => {
      await refresh();
      return (await runsOf('many')).length === count;
    });
    measured('10,000 runs read and listed, ms', performance.now() - start);
    const again = performance.now();
    await refresh();
    measured('10,000 runs looked at again, ms', performance.now() - again);
    measured('files open in the extension host', readdirSync('/proc/self/fd').length);
    await until('their group', () =>
      explorer.getChildren().some((node) => 'runs' in node && node.runs.length >= count),
    );
  });
});
