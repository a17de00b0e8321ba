/// <reference types="mocha" />
import * as assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { RunConfig } from '../../../src/experiment/config.ts';
import { createRun, readRunFile } from '../../../src/store/run-folder.ts';
import { hand, readToast } from './hands.ts';
import { diagnostics, inside, node, openExperiment, runsOf, status, until, workspace } from './inside.ts';

const make = (folder: string, name: string): Promise<string> =>
  createRun(join(folder, '.tandem/runs'), {
    experiment: name,
    source: `name: ${name}\n`,
    config: { name, train: { steps: 10 } } as RunConfig,
    experimentPath: join(folder, `${name}.tandem.yaml`),
  });

suite('in Restricted Mode', () => {
  suiteSetup(async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    process.env['STAND_IN_MS'] = '1';
    // Beside the workspace; nothing of it may be read.
    const outside = join(workspace(), '../outside');
    await make(outside, 'outside');
    mkdirSync(join(workspace(), 'linked'));
    symlinkSync(join(outside, '.tandem'), join(workspace(), 'linked/.tandem'));
    writeFileSync(join(workspace(), 'linked/linked.tandem.yaml'), 'name: linked\n');
    await inside();
  });

  test('runs of the workspace are shown, and none is started', async () => {
    const dir = await make(workspace(), 'waiting');
    const run = await status('waiting', 'queued');
    for (const command of ['startTraining', 'resume', 'stop', 'deleteRun', 'star', 'restartWithChanges']) {
      await vscode.commands.executeCommand(`tandem.${command}`, node(run));
      assert.match(await readToast('Restricted Mode'), /Trust the workspace first/, command);
      await vscode.commands.executeCommand('notifications.clearAll');
    }
    const { status: now, starred } = await readRunFile(dir);
    assert.deepEqual([now, starred], ['queued', false]);
  });

  test('nothing outside the workspace is read, neither data nor logs nor runs behind a link', async () => {
    const configuration = vscode.workspace.getConfiguration('tandem');
    assert.equal(configuration.get('nodePath'), '');
    await configuration.update('logFolders', ['/'], vscode.ConfigurationTarget.Workspace);
    const { document } = await openExperiment(
      'reads',
      'name: reads\ndata:\n  pairs: /nowhere/at/all.csv\nloss:\n  temprature: 1\n',
    );
    // The text is checked all the same.
    await until('the misspelt key', () => diagnostics(document).some(({ code }) => code === 'unknown_key'));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    assert.equal(diagnostics(document).length, 1, JSON.stringify(diagnostics(document)));
    const { allRuns } = await inside();
    assert.deepEqual(
      allRuns().filter(({ foreign }) => foreign),
      [],
    );
    assert.deepEqual(await runsOf('outside'), []);
  });

  test('the window says why nothing can be started', async () => {
    const { explorer } = await inside();
    await vscode.commands.executeCommand('tandem.runs.focus');
    assert.match(explorer.view.message ?? '', /Restricted Mode/);
    const pane = String(await hand({ kind: 'read', selector: '.pane-body', text: 'Restricted Mode' }));
    assert.match(pane, /Trust the workspace/);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      vscode.window.activeTextEditor!.document.uri,
      10,
    );
    assert.deepEqual(
      lenses.map(({ command }) => command?.command),
      ['tandem.openPanel'],
    );
    await hand({ kind: 'picture', name: 'restricted' });
  });
});
