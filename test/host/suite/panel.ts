/// <reference types="mocha" />
import * as assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { PanelRequest } from '../../../src/protocol/panel.ts';
import type { PanelSession } from '../../../src/extension/panel/session.ts';
import { givePath, readToast } from './hands.ts';
import {
  behave,
  cleanUp,
  inside,
  node,
  openExperiment,
  runsOf,
  squares,
  start,
  startLong,
  status,
  until,
  workspace,
} from './inside.ts';

/** What the host said to a panel: kinds and times, from here on. */
function listen(session: PanelSession): { kind: string; time: number; message: Record<string, unknown> }[] {
  const heard: { kind: string; time: number; message: Record<string, unknown> }[] = [];
  const { webview } = session.panel;
  const post = webview.postMessage.bind(webview);
  webview.postMessage = (sent: Record<string, unknown>) => {
    // Columns go beside what refers to them (panel-wire.ts).
    const message = (sent['message'] ?? sent) as Record<string, unknown>;
    heard.push({ kind: String(message['kind']), time: Date.now(), message });
    return post(sent);
  };
  return heard;
}

async function panelOf(name: string): Promise<PanelSession> {
  const { panels } = await inside();
  return until(`the panel of ${name}`, () =>
    panels.all.find(({ panel }) => panel.title === `Tandem: ${name}`),
  );
}

let asked = 1_000_000;

/** Asks as the panel's document does; its answer. */
async function ask(session: PanelSession, request: PanelRequest): Promise<unknown> {
  const heard = listen(session);
  const id = asked++;
  session.take({ ...request, id });
  const answer = await until(`the answer to ${request.kind}`, () =>
    heard.find(({ kind, message }) => kind === 'answer' && message['id'] === id),
  );
  return answer.message['error'];
}

suite('the panel and its host', () => {
  suiteSetup(() => inside());
  suiteTeardown(cleanUp);

  test('a training run tells its panel at most ten things a second', async () => {
    behave('good', 2);
    const run = await startLong('chatty');
    const session = await panelOf('chatty');
    const heard = listen(session);
    await until('many messages', () => heard.filter(({ kind }) => kind === 'events').length >= 40).finally(
      () => vscode.commands.executeCommand('tandem.stop', node(run)),
    );
    for (const { time } of heard) {
      const second = heard.filter((other) => other.time >= time && other.time < time + 1_000);
      // A timer may ring a moment early and the next one late: eleven in a second, never twelve.
      assert.ok(second.length <= 11, `${second.length} messages in a second`);
    }
    await status('chatty', 'stopped');
  });

  test('Use this setting writes the values into the file as one would type them', async () => {
    behave('good', 1);
    await start('used', 5);
    await status('used', 'finished');
    const session = await panelOf('used');
    const settings = { 'optimizer.learning_rate.image': 0.0003, 'train.batch_size': 4 };
    assert.equal(await ask(session, { kind: 'useSetting', settings }), null);
    const document = await vscode.workspace.openTextDocument(session.experiment!);
    assert.equal(document.isDirty, true);
    assert.equal(
      document.getText(),
      `${squares('used', 5).replace('batch_size: 2', 'batch_size: 4')}optimizer:\n  learning_rate:\n    image: 3e-4\n`,
    );
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  test('Report writes one page with the runs of the panel', async () => {
    const session = await panelOf('used');
    const run = await status('used', 'finished');
    const target = join(workspace(), 'used', 'a report – 图.html');
    const answered = ask(session, { kind: 'report', runs: [run.dir] });
    await givePath(target);
    await until('the report', () => existsSync(target) && readFileSync(target, 'utf8').includes('</html>'));
    await readToast('Report written');
    assert.equal(await answered, null);
  });

  test('Compare opens the comparison of the runs that are selected, and of no other', async () => {
    behave('good', 1);
    await start('picked', 3);
    await status('picked', 'finished');
    const { document } = await openExperiment('picked', `${squares('picked', 3)}sweep: { seeds: [1, 2] }\n`);
    await document.save();
    await vscode.commands.executeCommand('tandem.startTraining', document.uri);
    const runs = await until('three finished runs', async () => {
      const all = await runsOf('picked');
      return all.length === 3 && all.every((run) => run.status === 'finished') && all;
    });
    const session = await panelOf('picked');
    const heard = listen(session);
    // The single run and one of the sweep, which is the newest.
    const [single] = runs.filter(({ file }) => !file.sweep);
    const [one] = runs.filter(({ file }) => file.sweep);
    await vscode.commands.executeCommand('tandem.compare', node(one!), [node(one!), node(single!)]);
    const { message } = await until('its snapshot', () => heard.find(({ kind }) => kind === 'snapshot'));
    assert.equal(message['tab'], 'compare');
    assert.deepEqual(message['shown'], [one!.dir, single!.dir]);
  });

  test('a run whose folder is deleted leaves its open panel quietly', async () => {
    behave('good', 1);
    await start('erased', 5);
    const run = await status('erased', 'finished');
    const session = await panelOf('erased');
    const heard = listen(session);
    rmSync(run.dir, { recursive: true });
    await until('the news', () =>
      heard.some(
        ({ kind, message }) =>
          (kind === 'runs' || kind === 'snapshot') && (message['runs'] as unknown[]).length === 0,
      ),
    );
    assert.equal(session.panel.visible, true);
    assert.deepEqual(
      heard.filter(({ message }) => JSON.stringify(message).includes('cannot be read')),
      [],
    );
  });

  test('a panel whose experiment file is deleted still shows its runs', async () => {
    behave('good', 1);
    const { document } = await openExperiment('fileless', squares('fileless', 5));
    await vscode.commands.executeCommand('tandem.startTraining', document.uri);
    await status('fileless', 'finished');
    const session = await panelOf('fileless');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(document.uri.fsPath);
    await (await inside()).refresh();
    await vscode.commands.executeCommand('tandem.openPanel', node(await status('fileless', 'finished')));
    const again = await panelOf('fileless');
    assert.notEqual(again, session);
    const heard = listen(again);
    const snapshot = await until('its snapshot', () => heard.find(({ kind }) => kind === 'snapshot'));
    assert.equal((snapshot.message['runs'] as unknown[]).length, 1);
  });
});
