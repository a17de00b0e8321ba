/// <reference types="mocha" />
import * as assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { choose, fillIn, givePath } from './hands.ts';
import { behave, cleanUp, diagnostics, inside, status, until, workspace } from './inside.ts';

const pictures = ['red', 'green', 'blue', 'white'];

/** Answers the dialogues of New Experiment; `columns` only where it asks. */
async function make(
  kind: string,
  data: string,
  name: string,
  columns: string[] = [],
): Promise<vscode.TextDocument> {
  const made = vscode.commands.executeCommand('tandem.newExperiment');
  await choose(kind);
  await givePath(data);
  for (const column of columns) await choose(column);
  await fillIn(name);
  await made;
  const editor = await until('the new file', () => {
    const active = vscode.window.activeTextEditor;
    return active?.document.uri.path.endsWith(`/${name}.tandem.yaml`) && active;
  });
  return editor.document;
}

/** No error stays, and Start Training starts it. */
async function trains(document: vscode.TextDocument, name: string): Promise<void> {
  behave('good', 0);
  await vscode.commands.executeCommand('tandem.startTraining', document.uri);
  await status(name, 'finished');
  const errors = diagnostics(document).filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
  assert.deepEqual(
    errors.map(({ message }) => message),
    [],
  );
}

suite('New Experiment', () => {
  suiteSetup(() => inside());
  suiteTeardown(cleanUp);

  test('a table with its own column names becomes a file that trains', async () => {
    const folder = join(workspace(), 'made 图');
    cpSync(join(workspace(), 'pictures'), join(folder, 'pictures'), { recursive: true });
    const rows = pictures.map((color) => `"a ${color}; square";pictures/${color}.png;1`);
    writeFileSync(join(folder, 'my "pairs".csv'), `\uFEFFwords;where;n\n${rows.join('\n')}\n`);
    const document = await make(
      'A table of pictures and captions',
      join(folder, 'my "pairs".csv'),
      'made 图',
      ['where', 'words'],
    );
    assert.match(document.getText(), /^ {2}pairs: "my \\"pairs\\"\.csv"$/m);
    assert.match(document.getText(), /image_column: where\n {2}caption_column: words/);
    await trains(document, 'made 图');
  });

  test('a folder of pictures with captions beside them becomes a file that trains', async () => {
    const folder = join(workspace(), "it's made");
    mkdirSync(folder);
    for (const color of pictures) {
      cpSync(join(workspace(), `pictures/${color}.png`), join(folder, `${color}.png`));
      writeFileSync(join(folder, `${color}.txt`), `a ${color} square\n`);
    }
    const document = await make('A folder of pictures', folder, 'from folder');
    assert.match(document.getText(), /pairs: "it's made"/);
    await trains(document, 'from folder');
  });

  test('the file is written into the folder that is open, not above or beside it', async () => {
    for (const [name, data] of [
      ['at the root', workspace()],
      ['from elsewhere', join(workspace(), '../data elsewhere')],
    ] as const) {
      mkdirSync(data, { recursive: true });
      cpSync(join(workspace(), 'pictures/red.png'), join(data, 'only.png'));
      writeFileSync(join(data, 'only.txt'), 'a red square\n');
      const document = await make('A folder of pictures', data, name);
      assert.equal(document.uri.fsPath, join(workspace(), `${name}.tandem.yaml`));
      assert.match(
        document.getText(),
        name === 'at the root' ? /pairs: "\."$/m : /pairs: "?\.\.\/data elsewhere"?$/m,
      );
      for (const file of ['only.png', 'only.txt']) rmSync(join(data, file));
    }
  });

  test('JSON lines with usual column names need no question', async () => {
    const folder = join(workspace(), 'lines');
    cpSync(join(workspace(), 'pictures'), join(folder, 'pictures'), { recursive: true });
    const rows = pictures.map((color) => JSON.stringify({ file_name: `pictures/${color}.png`, text: color }));
    writeFileSync(join(folder, 'data.jsonl'), `${rows.join('\n')}\n`);
    const document = await make('A table of pictures and captions', join(folder, 'data.jsonl'), 'lines');
    assert.match(document.getText(), /image_column: file_name\n {2}caption_column: text/);
    await trains(document, 'lines');
  });

  test('Open Example puts pictures, captions and a file without errors into a folder', async () => {
    const opened = vscode.commands.executeCommand('tandem.openExample');
    await givePath(`${workspace()}/`);
    await opened;
    const { document } = await until('the example', () => {
      const active = vscode.window.activeTextEditor;
      return active?.document.uri.path.endsWith('/emoji/emoji.tandem.yaml') && active;
    });
    const own = readFileSync(
      join(process.env['TANDEM_PROJECT']!, 'examples/emoji/emoji.tandem.yaml'),
      'utf8',
    );
    assert.equal(document.getText(), own);
    // What one has written there stays, when the example is opened once more.
    writeFileSync(document.uri.fsPath, `${own}# mine\n`);
    const again = vscode.commands.executeCommand('tandem.openExample');
    await givePath(`${workspace()}/`);
    await again;
    assert.match(readFileSync(document.uri.fsPath, 'utf8'), /# mine/);
  });
});
