/// <reference types="mocha" />
import * as assert from 'node:assert/strict';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { RunConfig } from '../../../src/experiment/config.ts';
import { createRun } from '../../../src/store/run-folder.ts';
import type { GroupNode, TreeNode } from '../../../src/extension/tree/nodes.ts';
import { inside, openExperiment, runsOf, until, workspace } from './inside.ts';

const outside = (name: string, created?: number): Promise<string> =>
  createRun(join(workspace(), name, '.tandem/runs'), {
    experiment: name,
    source: `name: ${name}\n`,
    config: { name, train: { steps: 10 } } as RunConfig,
    experimentPath: join(workspace(), name, `${name}.tandem.yaml`),
    created,
  });

suite('the run explorer', () => {
  suiteSetup(() => inside());

  test('a run that another program made appears by itself', async () => {
    await openExperiment('elsewhere', 'name: elsewhere\ndata:\n  pairs: ../pairs.csv\n');
    const configuration = vscode.workspace.getConfiguration('tandem');
    // Nothing may start it here.
    await configuration.update('maxParallelRuns', 1, vscode.ConfigurationTarget.Workspace);
    process.env['STAND_IN_MS'] = '1';
    await outside('elsewhere');
    await until('the run', async () => (await runsOf('elsewhere')).length === 1);
    const { explorer } = await inside();
    const group = await until('its group', () =>
      groups(explorer.getChildren()).find(({ label }) => label === 'elsewhere'),
    );
    await until('the run in its group', () => {
      const now = groups(explorer.getChildren()).find(({ id }) => id === group.id);
      return now?.children.length === 1;
    });
  });

  test('runs are renamed, starred and noted without touching what the trainer writes', async () => {
    const [run] = await runsOf('elsewhere');
    const { annotateRun } = await import('../../../src/store/run-folder.ts');
    await annotateRun(run!.dir, { title: 'the good one' });
    await vscode.commands.executeCommand('tandem.star', { kind: 'run', run });
    assert.equal(run!.file.title, 'the good one');
    assert.equal(run!.file.starred, true);
    const { explorer } = await inside();
    const item = explorer.getTreeItem({ kind: 'run', id: '', run: run! });
    assert.equal(item.label, '★ the good one');
    await vscode.commands.executeCommand('tandem.unstar', { kind: 'run', run });
    assert.equal(run!.file.starred, false);
  });

  test('the filter hides what does not fit and Clear Filter brings it back', async () => {
    const { explorer } = await inside();
    await explorer.setOptions({ filter: 'no such run anywhere' });
    assert.equal(explorer.getChildren().length, 0);
    await vscode.commands.executeCommand('tandem.clearFilter');
    assert.ok(explorer.getChildren().length > 0);
  });

  test('TensorBoard logs of others are read-only runs', async () => {
    const folder = join(workspace(), 'logs/plain');
    mkdirSync(folder, { recursive: true });
    cpSync(join(process.env['TANDEM_PROJECT']!, 'test/cases/events/plain'), folder, { recursive: true });
    await vscode.workspace
      .getConfiguration('tandem')
      .update('logFolders', ['logs'], vscode.ConfigurationTarget.Workspace);
    const run = await until('the run', async () => (await runsOf('plain')).find(({ foreign }) => foreign));
    const { explorer } = await inside();
    const item = explorer.getTreeItem({ kind: 'run', id: '', run });
    assert.match(item.contextValue ?? '', /foreign/);
  });

  test('the panel opens as a webview', async () => {
    const [run] = await runsOf('elsewhere');
    await vscode.commands.executeCommand('tandem.openPanel', { kind: 'run', run });
    await until('the tab', () =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .find(
          ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.includes('tandem.panel'),
        ),
    );
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
});

const groups = (nodes: TreeNode[]): GroupNode[] =>
  nodes.filter((node): node is GroupNode => 'children' in node);
