/// <reference types="mocha" />
import * as assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { annotateRun, readRunFile } from '../../../src/store/run-folder.ts';
import { choose, fillIn, givePath, hand } from './hands.ts';
import {
  behave,
  cleanUp,
  inside,
  node,
  runsOf,
  start,
  startLong,
  status,
  until,
  workspace,
} from './inside.ts';

const name = `it's "odd" – 图 1`;

suite('what one does with runs', () => {
  suiteSetup(async () => {
    await inside();
    behave('good', 1);
    await start(name, 30);
    await status(name, 'finished');
  });
  suiteTeardown(cleanUp);

  test('Rename, Star and Add Note are kept in the run folder and seen by another window', async () => {
    const run = await status(name, 'finished');
    const renamed = vscode.commands.executeCommand('tandem.rename', node(run));
    await fillIn(`  the "best" of 图 \\ <b>  `);
    await renamed;
    const noted = vscode.commands.executeCommand('tandem.addNote', node(run));
    await fillIn('lower **rate** next');
    await noted;
    await vscode.commands.executeCommand('tandem.star', node(run));
    const { title, note, starred } = await readRunFile(run.dir);
    assert.deepEqual([title, note, starred], ['the "best" of 图 \\ <b>', 'lower **rate** next', true]);
    assert.deepEqual([run.file.title, run.file.starred], [title, true]);
    // Another window writes the same folder.
    await annotateRun(run.dir, { note: 'from the other window' });
    await until('its note here', () => run.file.note === 'from the other window');
    assert.equal(run.file.title, title);
    const back = vscode.commands.executeCommand('tandem.rename', node(run));
    await fillIn('');
    await back;
    assert.equal((await readRunFile(run.dir)).title, null);
  });

  test('Rename of a sweep or an experiment asks which of its runs', async () => {
    behave('good', 1);
    await start('twice', 5);
    const first = await status('twice', 'finished');
    await start('twice', 5);
    await until('both', async () => {
      const runs = await runsOf('twice');
      return runs.length === 2 && runs.every((run) => run.status === 'finished');
    });
    const { explorer } = await inside();
    const group = await until('their group', () =>
      explorer.getChildren().find((one) => 'runs' in one && one.label === 'twice' && one.runs.length === 2),
    );
    const renamed = vscode.commands.executeCommand('tandem.rename', group);
    await choose(first.file.id);
    await fillIn('the first of two');
    await renamed;
    assert.equal((await readRunFile(first.dir)).title, 'the first of two');
  });

  test('Export CSV writes every step of every metric', async () => {
    const run = await status(name, 'finished');
    const target = join(workspace(), 'steps of "odd" – 图.csv');
    const exported = vscode.commands.executeCommand('tandem.exportCsv', node(run));
    await givePath(target);
    await exported;
    const lines = readFileSync(target, 'utf8').split('\n');
    assert.equal(lines.shift(), 'step,train/loss');
    assert.equal(lines.pop(), '');
    assert.deepEqual(
      lines,
      Array.from({ length: 30 }, (_, index) => `${index + 1},${4 / (index + 1)}`),
    );
  });

  test('Restart with Changes trains the old text with other values, also when the file is gone', async () => {
    behave('good', 1);
    await start('again', 30);
    const run = await status('again', 'finished');
    const folder = join(workspace(), 'again');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(join(folder, 'again.tandem.yaml'));
    const restarted = vscode.commands.executeCommand('tandem.restartWithChanges', node(run));
    await choose('train.steps');
    await fillIn('7');
    await hand({
      kind: 'click',
      selector: '.quick-input-list .monaco-list-row',
      text: 'Start with 1 changed',
    });
    await restarted;
    const newer = await until('the new run', async () =>
      (await runsOf('again')).find(({ dir, status: now }) => dir !== run.dir && now === 'finished'),
    );
    assert.equal(newer.file.step, 7);
    assert.deepEqual(newer.file.settings, { 'train.steps': 7 });
    assert.equal(existsSync(join(folder, 'again.tandem.yaml')), false);
  });

  test('the tooltip tells settings, duration, device and best metric, as plain text', async () => {
    const { explorer } = await inside();
    const newer = await status(name, 'finished');
    const run = {
      ...newer,
      file: {
        ...newer.file,
        settings: { 'train.steps': 7 },
        note: '[link](command:evil)',
        engine: { name: 'onnx', provider: 'cpu', device: 'Xeon', threads: 2, why: 'it works' },
        summary: { 'val/recall@5': { last: 0.5, best: 0.75, best_step: 4 } },
      },
    } as typeof newer;
    const item = explorer.getTreeItem(node(run));
    const { value } = (await explorer.resolveTreeItem(item, node(run))).tooltip as vscode.MarkdownString;
    const plain = value.replace(/\\/g, '').replaceAll('&nbsp;', ' ');
    for (const words of ['Size: ', 'train.steps: 7', 'Duration: ', 'Xeon', 'onnx', '0.75', 'step 4'])
      assert.ok(plain.includes(words), `${words} in ${plain}`);
    assert.ok(!value.includes('[link]('), value);
  });

  test('two windows that press Start at once never train more than one run', async () => {
    behave('good', 20);
    const first = await startLong('shared');
    // The other window: the same queue, pumped by another process's code.
    const { pumpQueue } = await import('../../../src/launcher/queue.ts');
    await start('shared too', 5);
    const queued = await status('shared too', 'queued');
    const program = { nodePath: process.execPath, trainerFile: process.env['TANDEM_TRAINER']! };
    const dirs = [...new Set([first.dir, queued.dir].map((dir) => join(dir, '..')))];
    const [one, two] = await Promise.all([1, 2].map(() => pumpQueue(dirs, 1, program)));
    assert.deepEqual([one!.started, two!.started], [[], []]);
    await vscode.commands.executeCommand('tandem.stop', node(first));
    await status('shared', 'stopped');
    await Promise.all([1, 2].map(() => pumpQueue(dirs, 1, program)));
    const finished = await status('shared too', 'finished');
    const events = readFileSync(join(finished.dir, 'events.jsonl'), 'utf8');
    assert.equal(events.split('"started"').length - 1, 1);
  });

  test('the context menu of a run offers what fits it', async () => {
    const run = await status(name, 'finished');
    await vscode.commands.executeCommand('tandem.runs.focus');
    const { explorer } = await inside();
    await until('its row, selected', async () => {
      await explorer.reveal(run.dir);
      return explorer.view.selection.some((one) => one.kind === 'run' && one.run.dir === run.dir);
    });
    await hand({ kind: 'menu', selector: '.tree-explorer-viewlet-tree-view .monaco-list-row.selected' });
    const menu = String(await hand({ kind: 'read', selector: '.monaco-menu' }));
    for (const title of ['Restart with Changes', 'Open Panel', 'Compare', 'Open Log', 'Rename', 'Delete Run'])
      assert.ok(menu.includes(title), `${title} in ${menu}`);
    for (const title of ['Stop', 'Resume', 'Start Training']) assert.ok(!menu.includes(title), menu);
    await hand({ kind: 'press', key: 'Escape' });
  });
});
