/// <reference types="mocha" />
import * as assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { RunEntry } from '../../../src/extension/runs/run-entry.ts';
import { readEvaluations } from '../../../src/store/evaluations.ts';
import { choose, givePath, pressInToast, readToast } from './hands.ts';
import { cleanUp, inside, node, openExperiment, runsOf, until, workspace } from './inside.ts';

const name = 'a real model';

suite('what one does with a finished model', () => {
  const standIn = process.env['TANDEM_TRAINER'];
  let run: RunEntry;

  suiteSetup(async () => {
    await inside();
    // What is asked of a model, a stand-in has no answer to.
    process.env['TANDEM_TRAINER'] = join(
      vscode.extensions.getExtension('tandem.tandem')!.extensionPath,
      'dist',
      'trainer.js',
    );
    const editor = await openExperiment(
      name,
      `name: ${name}
data: { pairs: ../pairs.csv, image_root: .., image_size: 32, max_length: 8 }
model:
  image_encoder: { name: resnet_small }
  text_encoder: { name: bert-tiny }
  fusion: { kind: late, dim: 8 }
train: { batch_size: 2, steps: 2 }
`,
    );
    await vscode.commands.executeCommand('tandem.startTraining', editor.document.uri);
    run = await until(
      'the end of the run',
      async () => (await runsOf(name)).find(({ status }) => status === 'finished' || status === 'failed'),
      180_000,
    );
    assert.equal(run.status, 'finished', run.file.reason ?? '');
  });
  suiteTeardown(async () => {
    process.env['TANDEM_TRAINER'] = standIn;
    await cleanUp();
  });

  const list = (file: string, lines: string[]): string => {
    const path = join(workspace(), file);
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  };

  test('Evaluate on Other Data measures recall and keeps it in the run', async () => {
    const evaluated = vscode.commands.executeCommand('tandem.evaluate', node(run));
    await choose('Recall on other pairs');
    await givePath(join(workspace(), 'pairs.csv'));
    await evaluated;
    const [found] = await readEvaluations(run.dir);
    assert.deepEqual([found!.kind, found!.images, found!.captions], ['retrieval', 4, 4]);
    assert.match(await readToast('pairs.csv:'), /4 images.*recall@1/);
  });

  test('Evaluate by labels takes templates from a file', async () => {
    const data = list('labelled.csv', ['image,caption', 'pictures/red.png,red', 'pictures/blue.png,blue']);
    const labels = list('labels.txt', ['red', 'blue', 'green']);
    const templates = list('templates.txt', ['a photo of a {}', '{}', '']);
    const evaluated = vscode.commands.executeCommand('tandem.evaluate', node(run));
    await choose('zero-shot');
    await givePath(data);
    await givePath(labels);
    await choose('From a file');
    await givePath(templates);
    await evaluated;
    const found = (await readEvaluations(run.dir)).at(-1)!;
    assert.deepEqual(
      [found.kind, found.images, found.captions, found.templates],
      ['zero_shot', 2, 6, ['a photo of a {}', '{}']],
    );
  });

  const exportedFolders = (): string[] =>
    readdirSync(workspace()).filter((file) => file.startsWith(run.file.id));

  test('Export Model that is cancelled leaves no folder', async () => {
    const exported = vscode.commands.executeCommand('tandem.exportModel', node(run));
    await choose('ONNX');
    await givePath(workspace());
    await pressInToast('Exporting', 'Cancel');
    await exported;
    assert.deepEqual(exportedFolders(), []);
  });

  test('Export Model writes the whole folder, checked', async () => {
    const exported = vscode.commands.executeCommand('tandem.exportModel', node(run));
    await choose('ONNX');
    await givePath(workspace());
    await exported;
    assert.deepEqual(exportedFolders(), [`${run.file.id}-onnx`]);
    const folder = join(workspace(), `${run.file.id}-onnx`);
    for (const file of ['image.onnx', 'text.onnx', 'tokenizer.json'])
      assert.ok(existsSync(join(folder, file)), file);
    assert.match(readFileSync(join(folder, 'README.md'), 'utf8'), /InferenceSession/);
    assert.match(await readToast('ONNX Runtime gives'), /to within/);
  });
});
