/// <reference types="mocha" />
import * as assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { diagnostics, inside, openExperiment, until, workspace } from './inside.ts';

suite('an experiment in the editor', () => {
  suiteTeardown(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  test('a file outside the workspace is checked and is YAML, and no other YAML file starts the extension', async () => {
    const file = join(workspace(), '../loose.tandem.yaml');
    writeFileSync(file, 'loss: { temprature: 0.1 }\n');
    const document = await vscode.workspace.openTextDocument(file);
    await until('its language', () => document.languageId === 'yaml');
    await until('its problem', () => diagnostics(document).length > 0);
    const { activationEvents } = vscode.extensions.getExtension('tandem.tandem')!.packageJSON as {
      activationEvents: string[];
    };
    assert.ok(!activationEvents.some((event) => event.startsWith('onLanguage') || event === '*'));
  });

  test('a misspelt key is marked where it stands, and the quick fix changes only it', async () => {
    const text = 'name: typo\ndata:\n  pairs: ../pairs.csv\nloss:\n  temprature: 0.1  # keep\n';
    const { document } = await openExperiment('typo', text);
    const [problem] = await until('the problem', () => {
      const found = diagnostics(document).filter(({ code }) => code === 'unknown_key');
      return found.length > 0 && found;
    });
    assert.equal(document.getText(problem!.range), 'temprature');
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      problem!.range,
    );
    const fix = actions.find(({ edit }) => edit)!;
    assert.match(fix.title, /temperature/);
    await vscode.workspace.applyEdit(fix.edit!);
    assert.equal(document.getText(), text.replace('temprature', 'temperature'));
    await until('the end of the problem', () =>
      diagnostics(document).every(({ code }) => code !== 'unknown_key'),
    );
  });

  test('a value that experience warns of is marked with its numbers', async () => {
    const { document } = await openExperiment(
      'cold',
      'name: cold\ndata:\n  pairs: ../pairs.csv\n  image_root: ..\nloss:\n  temperature: 3\n',
    );
    const problem = await until('the warning', () =>
      diagnostics(document).find(({ range }) => document.getText(range) === '3'),
    );
    assert.equal(problem.severity, vscode.DiagnosticSeverity.Warning);
    assert.match(problem.message, /0\.5/);
  });

  test('a missing pairs file is found on disk while typing', async () => {
    const { document } = await openExperiment('lost', 'name: lost\ndata:\n  pairs: nowhere.csv\n');
    const problem = await until('the problem', () =>
      diagnostics(document).find(({ range }) => document.getText(range) === 'nowhere.csv'),
    );
    assert.equal(problem.severity, vscode.DiagnosticSeverity.Error);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, problem.range, '../pairs.csv');
    await vscode.workspace.applyEdit(edit);
    await until('its end', () => diagnostics(document).every(({ code }) => code !== problem.code));
    assert.equal(document.isDirty, true);
    await document.save();
  });

  test('a batch that is larger than the data is found by reading the data', async () => {
    const { document } = await openExperiment(
      'large',
      'name: large\ndata:\n  pairs: ../pairs.csv\n  image_root: ..\ntrain:\n  batch_size: 4096\n',
    );
    await until('the problem', () =>
      diagnostics(document).find(
        ({ range, code }) => document.getText(range) === '4096' && String(code).includes('batch'),
      ),
    );
  });

  test('a column that is not there is marked once, with the columns as quick fixes', async () => {
    const text = 'name: column\ndata:\n  pairs: ../pairs.csv\n  image_root: ..\n  caption_column: text\n';
    const { document } = await openExperiment('column', text);
    const problem = await until('the problem', () =>
      diagnostics(document).find(({ code }) => code === 'no_such_column'),
    );
    assert.equal(document.getText(problem.range), 'text');
    const inPlace = diagnostics(document).filter(({ range }) => range.isEqual(problem.range));
    assert.equal(inPlace.length, 1, inPlace.map(({ message }) => message).join('\n'));
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      problem.range,
    );
    const fix = actions.find(({ title }) => title === 'Set data.caption_column to caption');
    assert.ok(fix, actions.map(({ title }) => title).join(', '));
    await vscode.workspace.applyEdit(fix.edit!);
    assert.equal(document.getText(), text.replace('caption_column: text', 'caption_column: caption'));
    await until('its end', () => diagnostics(document).every(({ code }) => code !== 'no_such_column'));
    await document.save();
  });

  test('problems go with a file that is renamed, closed or deleted', async () => {
    const text = 'name: gone\ndata:\n  pairs: ../pairs.csv\nbanana: 1\n';
    const { document } = await openExperiment('gone', text);
    await until('the problem', () => diagnostics(document).length > 0);
    const other = vscode.Uri.joinPath(document.uri, '../moved.tandem.yaml');
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(document.uri, other);
    await vscode.workspace.applyEdit(edit);
    const at = (uri: vscode.Uri) =>
      vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'tandem');
    await until('the problem under the new name', () => at(other).length > 0);
    await until('no problem under the old name', () => at(document.uri).length === 0);
    await vscode.workspace.fs.delete(other);
    await until('no problem of a deleted file', () => at(other).length === 0);
  });

  test('an experiment that was never saved is checked, and shown in two editors it has each problem once', async () => {
    const uri = vscode.Uri.file('/never-saved.tandem.yaml').with({ scheme: 'untitled' });
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) =>
      edit.insert(new vscode.Position(0, 0), 'data: { pairs: a.csv }\nbanana: 1\n'),
    );
    await vscode.window.showTextDocument(document, vscode.ViewColumn.Beside);
    await until('the problem', () => diagnostics(document).some(({ code }) => code === 'unknown_key'));
    assert.equal(diagnostics(document).filter(({ code }) => code === 'unknown_key').length, 1);
    await editor.edit((edit) => edit.delete(new vscode.Range(1, 0, 2, 0)));
    await until('its end', () => diagnostics(document).every(({ code }) => code !== 'unknown_key'));
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  test('answers about data that were changed meanwhile are not shown', async () => {
    const { document } = await openExperiment('stale', 'name: stale\ndata:\n  pairs: first.csv\n');
    for (const name of ['second.csv', 'third.csv', '../pairs.csv']) {
      const edit = new vscode.WorkspaceEdit();
      const line = document.lineAt(2).range;
      edit.replace(document.uri, new vscode.Range(line.start.translate(0, 9), line.end), name);
      await vscode.workspace.applyEdit(edit);
      await new Promise((resolve) => setTimeout(resolve, 430));
    }
    await until('the columns', () => diagnostics(document).every(({ code }) => code !== 'file_not_found'));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.deepEqual(
      diagnostics(document).filter(({ code }) => code === 'file_not_found'),
      [],
    );
    await document.save();
  });

  test('keys and values are completed from the schema', async () => {
    const { document } = await openExperiment(
      'complete',
      'name: complete\ndata:\n  pairs: ../pairs.csv\nopt',
    );
    const keys = await complete(document, new vscode.Position(3, 3));
    assert.ok(keys.includes('optimizer'), keys.join(', '));
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(3, 0, 3, 3), 'train:\n  engine: ');
    await vscode.workspace.applyEdit(edit);
    const values = await complete(document, new vscode.Position(4, 10));
    assert.ok(values.includes('auto') && values.includes('onnx'), values.join(', '));
  });

  test('files and columns of the data are completed', async () => {
    const text =
      'name: files\ndata:\n  pairs: ../pairs.csv\n  image_root: ..\n  caption_column: caption\nmodel:\n  ima\n';
    const { document } = await openExperiment('files', text);
    const files = await complete(document, new vscode.Position(2, 12));
    assert.ok(files.includes('../pairs.csv'), files.join(', '));
    await until('the columns', async () =>
      (await complete(document, new vscode.Position(4, 18))).includes('image'),
    );
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      new vscode.Position(6, 5),
    );
    const section = list.items.find(({ label }) => label === 'image_encoder');
    assert.equal(section?.insertText, 'image_encoder:\n    ');
    assert.equal(section.keepWhitespace, true);
  });

  test('a hover says what a key means, with unit and default', async () => {
    const { document } = await openExperiment(
      'hover',
      'name: hover\ndata:\n  pairs: ../pairs.csv\noptimizer:\n  learning_rate: { image: 1e-3 }\n',
    );
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      new vscode.Position(4, 21),
    );
    const text = hovers
      .flatMap(({ contents }) => contents.map((part) => (part as vscode.MarkdownString).value))
      .join('\n');
    assert.match(text, /Peak learning rate of the image encoder/);
  });

  test('three lenses stand above the first line', async () => {
    const { document } = await openExperiment('lens', 'name: lens\ndata:\n  pairs: ../pairs.csv\n');
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
      10,
    );
    const titles = lenses.map(({ command }) => command?.title.replace(/\$\([^)]*\) /, ''));
    assert.deepEqual(titles, ['Start Training', 'Compare Learning Rates', 'Open Panel']);
  });

  test('every command of package.json is there', async () => {
    await inside();
    const extension = vscode.extensions.getExtension('tandem.tandem')!;
    const { contributes } = extension.packageJSON as { contributes: { commands: { command: string }[] } };
    const known = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      contributes.commands.map(({ command }) => command).filter((one) => !known.has(one)),
      [],
    );
  });
});

async function complete(document: vscode.TextDocument, position: vscode.Position): Promise<string[]> {
  const list = await vscode.commands.executeCommand<vscode.CompletionList>(
    'vscode.executeCompletionItemProvider',
    document.uri,
    position,
  );
  return list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
}
