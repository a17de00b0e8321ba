/// <reference types="mocha" />
import * as assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { readToast } from './hands.ts';
import {
  behave,
  cleanUp,
  inside,
  isAlive,
  openExperiment,
  runsOf,
  start,
  startLong,
  status,
  until,
  workspace,
} from './inside.ts';

suite('training', () => {
  suiteSetup(() => inside());
  suiteTeardown(cleanUp);

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

  test('a run that is stopped while its trainer is starting never trains', async () => {
    behave('slow start', 20);
    await start('early', 1_000_000);
    const run = await status('early', 'queued');
    await until('its trainer', () => existsSync(join(run.dir, 'trainer.log')));
    await vscode.commands.executeCommand('tandem.stop', { kind: 'run', run });
    await status('early', 'stopped');
    // Longer than the trainer takes to begin.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.equal((await status('early', 'stopped')).file.step, 0);
    assert.deepEqual(trainersOf(run.dir), []);
  });

  test('two runs train at once where tandem.maxParallelRuns is two, and a third waits', async () => {
    behave('good', 20);
    const configuration = vscode.workspace.getConfiguration('tandem');
    await configuration.update('maxParallelRuns', 2, vscode.ConfigurationTarget.Workspace);
    const one = await startLong('one of two');
    const two = await startLong('two of two');
    await start('three of two', 5);
    assert.equal((await status('three of two', 'queued')).file.step, 0);
    await configuration.update('maxParallelRuns', undefined, vscode.ConfigurationTarget.Workspace);
    await vscode.commands.executeCommand('tandem.stop', { kind: 'run', run: one });
    await status('one of two', 'stopped');
    // One place only, and it is taken.
    await (await inside()).refresh();
    assert.equal((await runsOf('three of two'))[0]?.status, 'queued');
    await vscode.commands.executeCommand('tandem.stop', { kind: 'run', run: two });
    await status('three of two', 'finished');
  });

  test('a Node that is not there or too old is said at the command, and nothing waits for it', async () => {
    behave('good', 1);
    const { Programs } = await import('../../../src/extension/programs.ts');
    const configuration = vscode.workspace.getConfiguration('tandem');
    const old = join(workspace(), 'old node');
    writeFileSync(old, '#!/bin/sh\necho v18.20.4\n', { mode: 0o755 });
    for (const [path, words] of [
      ['/no/such/node', /no\/such\/node could not be started .*tandem\.nodePath/],
      [old, /old node is not Node 20\.9 or later \(v18\.20\.4\).*tandem\.nodePath/],
    ] as const) {
      await configuration.update('nodePath', path, vscode.ConfigurationTarget.Global);
      try {
        await start('unstarted', 5);
        assert.match(await readToast('tandem.nodePath'), words);
        assert.deepEqual(await runsOf('unstarted'), []);
        await assert.rejects(new Programs(vscode.Uri.file('/')).checkNode(), words);
      } finally {
        await configuration.update('nodePath', undefined, vscode.ConfigurationTarget.Global);
        await vscode.commands.executeCommand('notifications.clearAll');
      }
    }
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

/** Processes that train a folder. */
function trainersOf(dir: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(dir);
      } catch {
        return false; // Ended meanwhile.
      }
    });
}
