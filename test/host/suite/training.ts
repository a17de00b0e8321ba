/// <reference types="mocha" />
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { RunEntry } from '../../../src/extension/runs/run-entry.ts';
import { inside, isAlive, openExperiment, runsOf, squares, until } from './inside.ts';

/** How the stand-in trainer behaves; the extension hands its own environment on. */
const behave = (way: string, stepMs: number): void => {
  process.env['STAND_IN'] = way;
  process.env['STAND_IN_MS'] = String(stepMs);
};

suite('training', () => {
  suiteSetup(() => inside());
  suiteTeardown(async () => {
    for (const run of (await inside()).allRuns())
      if (run.file.process && isAlive(run.file.process.pid)) process.kill(run.file.process.pid, 'SIGKILL');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  test('Start Training runs the file to its end', async () => {
    behave('good', 5);
    await start('plain', 40);
    const run = await status('plain', 'finished');
    assert.equal(run.file.step, 40);
    await until('the end of its process', () => !isAlive(run.file.process!.pid));
  });

  test('an experiment with errors opens the Problems view instead of starting', async () => {
    const editor = await openExperiment(
      'broken',
      'name: broken\ndata:\n  pairs: ../pairs.csv\nloss: { temperature: -1 }\n',
    );
    await vscode.commands.executeCommand('tandem.startTraining', editor.document.uri);
    assert.equal((await runsOf('broken')).length, 0);
  });

  test('a running run is stopped, resumed and finished; no process stays', async () => {
    behave('good', 20);
    await start('halfway', 2_000);
    const running = await status('halfway', 'running');
    const { pid } = running.file.process!;
    await until('its first step', () => (running.live?.step ?? 0) > 0);
    await vscode.commands.executeCommand('tandem.stop', { kind: 'run', run: running });
    const stopped = await status('halfway', 'stopped');
    assert.ok(stopped.file.step > 0 && stopped.file.step < 2_000, String(stopped.file.step));
    await until('the end of its process', () => !isAlive(pid));
    behave('good', 1);
    await vscode.commands.executeCommand('tandem.resume', { kind: 'run', run: stopped });
    assert.equal((await status('halfway', 'finished')).file.step, 2_000);
  });

  test('a trainer that crashes leaves its reason and the end of its log', async () => {
    behave('crash', 2);
    await start('crash', 40);
    const run = await status('crash', 'failed');
    assert.match(run.file.reason ?? '', /out of luck at step 10/);
  });

  test('a trainer killed with SIGKILL is known to be gone', async () => {
    behave('good', 50);
    const run = await startLong('killed');
    process.kill(run.file.process!.pid, 'SIGKILL');
    await until('another status', () => run.status !== 'running');
    assert.ok(['failed', 'interrupted'].includes(run.status), run.status);
  });

  test('a second run waits in the queue until the first has ended', async () => {
    behave('good', 20);
    const first = await startLong('first');
    await start('second', 5);
    await until('second', async () => (await runsOf('second')).length === 1);
    const { refresh } = await inside();
    await refresh();
    assert.equal((await runsOf('second'))[0]?.status, 'queued');
    await vscode.commands.executeCommand('tandem.stop', { kind: 'run', run: first });
    await status('first', 'stopped');
    await status('second', 'finished');
  });

  test('a queued run that is stopped never begins', async () => {
    behave('good', 20);
    const ahead = await startLong('ahead');
    await start('behind', 5);
    const run = await status('behind', 'queued');
    await vscode.commands.executeCommand('tandem.stop', { kind: 'run', run });
    assert.equal((await status('behind', 'stopped')).file.step, 0);
    await vscode.commands.executeCommand('tandem.stop', { kind: 'run', run: ahead });
    assert.equal((await status('behind', 'stopped')).file.step, 0);
  });
});

async function start(name: string, steps: number): Promise<void> {
  const editor = await openExperiment(name, squares(name, steps));
  await vscode.commands.executeCommand('tandem.startTraining', editor.document.uri);
}

/** A run that only ends when it is stopped. */
async function startLong(name: string): Promise<RunEntry> {
  await start(name, 1_000_000);
  return status(name, 'running');
}

async function status(name: string, wanted: RunEntry['status']): Promise<RunEntry> {
  return until(`${name} ${wanted}`, async () => {
    const run = (await runsOf(name))[0];
    return run?.status === wanted && run;
  });
}
