/// <reference types="mocha" />
import * as assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import type { RunConfig } from '../../../src/experiment/config.ts';
import { createRun, readRunFile } from '../../../src/store/run-folder.ts';
import { pressInToast, readToast } from './hands.ts';
import {
  behave,
  cleanUp,
  diagnostics,
  inside,
  openExperiment,
  start,
  startLong,
  status,
  until,
  workspace,
} from './inside.ts';

/** The trainer's log that is shown. */
const shownLog = () => {
  const file = vscode.window.activeTextEditor?.document.uri.fsPath;
  return file !== undefined && basename(file) === 'trainer.log' && file;
};

suite('how runs end is announced', () => {
  suiteSetup(() => inside());
  setup(() => vscode.commands.executeCommand('notifications.clearAll'));
  suiteTeardown(cleanUp);

  test('a crash shows its cause, and Open Log and Resume do what they say', async () => {
    behave('crash', 1);
    await start('it’s “broken”', 20);
    const message = await readToast('it’s “broken” failed');
    assert.match(message, /failed at step 10\b/);
    assert.match(message, /exit code 9: .*out of luck at step 10/);
    await pressInToast('it’s “broken” failed', 'Open Log');
    const run = await status('it’s “broken”', 'failed');
    assert.equal(await until('the log', shownLog), join(run.dir, 'trainer.log'));

    await vscode.commands.executeCommand('notifications.clearAll');
    await start('resumed', 20);
    await readToast('resumed failed');
    behave('good', 1);
    await pressInToast('resumed failed', 'Resume');
    assert.equal((await status('resumed', 'finished')).file.step, 20);
    assert.match(await readToast('resumed finished'), /finished after 20 steps/);
  });

  test('a trainer that throws before it begins is announced with what it threw', async () => {
    behave('crash at start', 1);
    await start('stillborn', 20);
    assert.match(await readToast('stillborn failed'), /the sky has fallen/);
    await status('stillborn', 'failed');
  });

  test('a trainer that the system kills is announced as killed, not as gone', async () => {
    behave('killed', 1);
    await start('struck', 20);
    assert.match(await readToast('struck failed'), /killed \(SIGKILL\).*memory/);
  });

  test('a trainer without memory is announced with what to make smaller', async () => {
    behave('memory', 1);
    await start('hungry', 20);
    const message = await readToast('hungry failed');
    assert.match(message, /out of memory.*train\.batch_size/);
    // The last lines of its log.
    assert.match(message, /heap limit/);
  });

  test('a run that diverged is announced with branch, step and last finite norm', async () => {
    behave('diverge', 1);
    await start('hot', 20);
    const message = await readToast('hot diverged');
    assert.match(message, /diverged at step 10\b.*image branch.*up to step 10.*last finite norm was 412/);
    await pressInToast('hot diverged', 'Open Panel');
    await until('its panel', () =>
      vscode.window.tabGroups.all.some(({ activeTab }) => activeTab?.label === 'Tandem: hot'),
    );
  });

  test('a run at chance is announced while it trains, and marked with its change as a quick fix until the file is another', async () => {
    behave('finding', 5);
    await startLong('idle');
    const document = vscode.window.activeTextEditor!.document;
    const message = await readToast('idle: The loss has been at chance');
    assert.match(message, /Lower optimizer\.learning_rate\.image\./);
    const found = () => diagnostics(document).find(({ code }) => code === 'at_chance');
    const { range } = await until('the problem', found);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      range,
    );
    const fix = actions.find(({ title }) => title === 'Set optimizer.learning_rate.image to 1e-3')!;
    assert.ok(await vscode.workspace.applyEdit(fix.edit!));
    assert.match(document.getText(), /image: 1e-3/);
    await until('the problem’s end', () => !found());
    await pressInToast('idle: The loss has been at chance', 'Stop');
    await status('idle', 'stopped');
  });

  test('a trainer of somebody else that vanishes is announced with the end of its log', async () => {
    behave('good', 20);
    const dir = await createRun(join(workspace(), 'vanished/.tandem/runs'), {
      experiment: 'vanished',
      source: 'name: vanished\n',
      config: { name: 'vanished', train: { steps: 100_000 } } as RunConfig,
      experimentPath: join(workspace(), 'vanished/vanished.tandem.yaml'),
    });
    const log = openSync(join(dir, 'trainer.log'), 'a');
    const file = process.env['TANDEM_TRAINER']!;
    const child = spawn(process.execPath, [file, dir], { stdio: ['ignore', log, log] });
    const ended = once(child, 'exit');
    // Only now is the folder known here: queued, this window would have started it itself.
    await until('the trainer', async () => (await readRunFile(dir)).status === 'running');
    await openExperiment('vanished', 'name: vanished\ndata:\n  pairs: ../pairs.csv\n');
    await status('vanished', 'running');
    child.kill('SIGKILL');
    await ended;
    const message = await readToast('vanished was interrupted');
    assert.match(message, /training 100000 steps/);
    behave('good', 0);
    await pressInToast('vanished was interrupted', 'Resume');
    await until(
      'its new trainer',
      async () => (await status('vanished', 'running')).file.process!.pid !== child.pid,
    );
  });
});
