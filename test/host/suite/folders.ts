/// <reference types="mocha" />
import * as assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { readToast } from './hands.ts';
import {
  behave,
  cleanUp,
  diagnostics,
  diskFolders,
  inside,
  runsOf,
  squares,
  status,
  until,
} from './inside.ts';
import { memoryDisk } from './memory-disk.ts';

const text = squares('far away', 5);

suite('a workspace of several folders, one of them virtual', () => {
  suiteSetup(async () => {
    vscode.workspace.registerFileSystemProvider('memfs', memoryDisk({ '/virtual/far.tandem.yaml': text }));
    await inside();
  });
  suiteTeardown(cleanUp);

  test('each folder has its own runs, beside its experiments', async () => {
    behave('good', 1);
    const folders = await until('both folders', () => diskFolders().length === 2 && diskFolders());
    for (const [index, { uri }] of folders.entries()) {
      const name = `of folder ${index}`;
      const file = vscode.Uri.joinPath(uri, `${name}.tandem.yaml`);
      writeFileSync(
        file.fsPath,
        squares(name, 5).replaceAll('../pairs', 'pairs').replace('image_root: ..', 'image_root: .'),
      );
      await vscode.window.showTextDocument(file);
      await vscode.commands.executeCommand('tandem.startTraining');
      const run = await status(name, 'finished');
      assert.ok(run.dir.startsWith(join(uri.fsPath, '.tandem/runs')), run.dir);
    }
    const { explorer } = await inside();
    await until('both groups', () => {
      const labels = explorer.getChildren().map((one) => ('label' in one ? one.label : ''));
      return labels.includes('of folder 0') && labels.includes('of folder 1');
    });
  });

  test('a virtual experiment is checked as one types, and starting it says what to do', async () => {
    const uri = vscode.Uri.parse('memfs:/virtual/far.tandem.yaml');
    const editor = await vscode.window.showTextDocument(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(0, 0), 'nmae: x\n');
    await vscode.workspace.applyEdit(edit);
    await until('the misspelt key', () =>
      diagnostics(editor.document).some(({ code }) => code === 'unknown_key'),
    );
    await vscode.commands.executeCommand('tandem.startTraining', uri);
    assert.match(await readToast('is not on a disk of this machine'), /Save the experiment into a folder/);
    await vscode.commands.executeCommand('tandem.openPanel', uri);
    const { panels } = await inside();
    await until('its panel', () => panels.all.some(({ panel }) => panel.title === 'Tandem: far'));
    assert.deepEqual(await runsOf('far away'), []);
  });

  test('relative log folders are looked for in every folder', async () => {
    const project = process.env['TANDEM_PROJECT']!;
    const { cpSync } = await import('node:fs');
    const folders = diskFolders();
    for (const { uri } of folders)
      cpSync(join(project, 'test/cases/events/plain'), join(uri.fsPath, 'logs/plain'), { recursive: true });
    await vscode.workspace
      .getConfiguration('tandem')
      .update('logFolders', ['logs'], vscode.ConfigurationTarget.Workspace);
    await until('a run in each', async () => (await runsOf('plain')).length === folders.length);
  });
});
