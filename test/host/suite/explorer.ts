/// <reference types="mocha" />
import * as assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { RunConfig } from '../../../src/experiment/config.ts';
import { createRun } from '../../../src/store/run-folder.ts';
import type { GroupNode, TreeNode } from '../../../src/extension/tree/nodes.ts';
import { choose as chooseRow, hand } from './hands.ts';
import { inside, openExperiment, runsOf, until, workspace } from './inside.ts';

const outside = (name: string, created?: number): Promise<string> =>
  createRun(join(workspace(), name, '.tandem/runs'), {
    experiment: name,
    source: `name: ${name}\n`,
    config: { name, train: { steps: 10 } } as RunConfig,
    experimentPath: join(workspace(), name, `${name}.tandem.yaml`),
    ...(created !== undefined && { created }),
  });

suite('the run explorer', () => {
  suiteSetup(() => inside());

  test('a run that another program made appears by itself', async () => {
    await openExperiment('elsewhere', 'name: elsewhere\ndata:\n  pairs: ../pairs.csv\n');
    const configuration = vscode.workspace.getConfiguration('tandem');
    // This window trains it too: the stand-in trainer ends at once.
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
    await annotateRun(run!.dir, { colour: '#12ab34' });
    await vscode.commands.executeCommand('tandem.unstar', { kind: 'run', run });
    // As in the panel's plots, in light and dark themes alike.
    const { light, dark } = explorer.getTreeItem({ kind: 'run', id: '', run: run! }).iconPath as Record<
      'light' | 'dark',
      vscode.Uri
    >;
    for (const { path } of [light, dark])
      assert.match(Buffer.from(path.split('base64,')[1]!, 'base64').toString(), /stroke="#12ab34"/);
    assert.equal(run!.file.starred, false);
  });

  test('the filter hides what does not fit and Clear Filter brings it back', async () => {
    const { explorer } = await inside();
    await explorer.setOptions({ filter: 'no such run anywhere' });
    assert.equal(explorer.getChildren().length, 0);
    await vscode.commands.executeCommand('tandem.clearFilter');
    assert.ok(explorer.getChildren().length > 0);
  });

  test('the filter compares settings that only the runs’ configs have, and names what no run has', async () => {
    const { explorer } = await inside();
    const names = () => groups(explorer.getChildren()).map(({ label }) => label);
    await explorer.setOptions({ filter: 'train.steps = 10 -status:failed' });
    await until('the runs with 10 steps', () => names().includes('elsewhere'));
    await explorer.setOptions({ filter: 'train.steps > 10 elsewhere' });
    await until('no run', () => names().length === 0);
    await explorer.setOptions({ filter: 'train.stepps > 10' });
    await until('what is wrong', () => explorer.view.message === 'No run has train.stepps.');
    await explorer.setOptions({ filter: '' });
    assert.equal(explorer.view.message, '');
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
    assert.match(item.accessibilityInformation?.label ?? '', /TensorBoard log/);
  });

  test('every folder of event files is a read-only run, and grows where it stands', async () => {
    const cases = join(process.env['TANDEM_PROJECT']!, 'test/cases/events');
    const folder = join(workspace(), 'logs');
    cpSync(cases, folder, { recursive: true });
    const names = readdirSync(cases).sort();
    await until('all of them', async () => {
      const { allRuns } = await inside();
      const found = allRuns().filter(({ foreign }) => foreign);
      return names.every((name) => found.some(({ dir }) => dir === join(folder, name)));
    });
    const [run] = (await runsOf('plain')).filter(({ foreign }) => foreign);
    const before = run!.file.heartbeat!;
    const [file] = readdirSync(run!.dir);
    appendFileSync(join(run!.dir, file!), readFileSync(join(run!.dir, file!)));
    await until('its new time', () => run!.file.heartbeat! > before);
    // What starts, stops or writes is not offered for what others wrote.
    const { explorer } = await inside();
    const { contextValue } = explorer.getTreeItem({ kind: 'run', id: '', run: run! });
    const offered = menuOf('view/item/context', contextValue!);
    assert.deepEqual(offered, ['compare', 'exportCsv', 'openPanel', 'revealRunFolder']);
  });

  test('runs are sorted and grouped as one chooses, and the choice is kept', async () => {
    await outside('elsewhere');
    await until('two runs', async () => (await runsOf('elsewhere')).length === 2);
    const { explorer } = await inside();
    const choose = async (command: string, label: string) => {
      const asked = vscode.commands.executeCommand(`tandem.${command}`);
      await chooseRow(label);
      await asked;
    };
    await choose('groupBy', 'Status');
    assert.ok(groups(explorer.getChildren()).some(({ kind, status }) => kind === 'status' && status));
    await choose('groupBy', 'No groups');
    await choose('sortBy', 'Oldest first');
    const runs = explorer.getChildren().flatMap((one) => (one.kind === 'run' ? [one.run.file.created] : []));
    assert.ok(runs.length > 1);
    assert.deepEqual(
      runs,
      [...runs].sort((a, b) => a - b),
    );
    assert.deepEqual([explorer.options.groupBy, explorer.options.sortBy], ['none', 'oldest']);
    await choose('groupBy', 'Experiment');
    await choose('sortBy', 'Newest first');
  });

  test('what needs a run of the explorer is at its rows and not in the palette', async () => {
    const { contributes } = manifest();
    const hidden = contributes.menus.commandPalette.filter(({ when }) => when === 'false');
    const atRows = new Set([
      ...menuOf('view/item/context', 'run;finished;'),
      ...menuOf('view/item/context', 'run;finished;starred;'),
    ]);
    assert.ok(hidden.length > 0);
    for (const { command } of hidden) assert.ok(atRows.has(command.replace('tandem.', '')), command);
    for (const key of contributes.keybindings) assert.match(key.when, /focusedView == tandem\.runs/);
    assert.deepEqual(menuOf('view/item/context', 'experiment'), [
      'compareLearningRates',
      'openExperiment',
      'openPanel',
      'startTraining',
    ]);
    assert.ok(menuOf('view/item/context', 'sweep;active;').includes('stop'));
    assert.ok(!menuOf('view/item/context', 'sweep').includes('stop'));
    for (const [status, has] of [
      ['running', ['stop']],
      ['queued', ['stop']],
      ['stopping', []],
      ['failed', ['resume']],
      ['finished', []],
    ] as const) {
      const offered = menuOf('view/item/context', `run;${status};`);
      assert.deepEqual(
        offered.filter((command) => ['stop', 'resume'].includes(command)),
        has,
      );
      assert.ok(offered.includes('star') && offered.includes('deleteRun'));
    }
    assert.ok(menuOf('view/item/context', 'run;finished;starred;').includes('unstar'));
  });

  test('the panel opens as a webview', async () => {
    const [run] = await runsOf('elsewhere');
    await vscode.commands.executeCommand('tandem.openPanel', { kind: 'run', run });
    await until('the tab', panelTab);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  test('a click opens the panel, also of a run whose row is drawn all the time', async () => {
    const [run] = await runsOf('elsewhere');
    const { explorer } = await inside();
    await vscode.commands.executeCommand('tandem.runs.focus');
    const redraws = setInterval(() => explorer.updateLive(run!), 50);
    try {
      for (let times = 0; times < 5; times++) {
        await hand({ kind: 'click', selector: '.monaco-list-row', text: 'the good one' });
        await until('the tab', panelTab);
        await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      }
    } finally {
      clearInterval(redraws);
    }
  });
});

interface Manifest {
  contributes: {
    keybindings: { command: string; when: string }[];
    menus: Record<string, { command: string; when: string }[]> & {
      commandPalette: { command: string; when: string }[];
    };
  };
}

const manifest = () => vscode.extensions.getExtension('tandem.tandem')!.packageJSON as Manifest;

/** Commands that a menu of package.json offers for a row with this context value, in order of their names. */
function menuOf(menu: string, viewItem: string): string[] {
  const entries = manifest().contributes.menus[menu] ?? [];
  const fits = entries.filter(({ when }) => {
    const pattern = /viewItem =~ \/(.*)\/$/.exec(when)?.[1];
    return pattern !== undefined && new RegExp(pattern).test(viewItem);
  });
  return [...new Set(fits.map(({ command }) => command.replace('tandem.', '')))].sort();
}

const panelTab = (): vscode.Tab | undefined =>
  vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .find(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.includes('tandem.panel'));

const groups = (nodes: TreeNode[]): GroupNode[] =>
  nodes.filter((node): node is GroupNode => 'children' in node);
