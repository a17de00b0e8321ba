import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Mocha from 'mocha';
import * as vscode from 'vscode';
import { diskFolders, until } from './inside.ts';

/** Runs every suite inside the extension host; one JSON line per test goes to the file that TANDEM_TEST_RESULTS names. */
export async function run(): Promise<void> {
  const MochaClass = createRequire(__filename)(process.env['TANDEM_TEST_MOCHA']!) as typeof Mocha;
  const mocha = new MochaClass({ ui: 'tdd', timeout: 200_000, grep: process.env['MOCHA_GREP'] || undefined });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  // A window is there before its folders are.
  await until('the folders of the window', () => diskFolders().length > 0);
  await suites();
  await new Promise<void>((resolve, reject) => {
    const runner = mocha.run((failures) =>
      failures === 0 ? resolve() : reject(new Error(`${failures} failed`)),
    );
    runner.on('pass', (test) => report({ name: test.title, error: null, ms: test.duration ?? 0 }));
    runner.on('fail', (test, error: Error) =>
      report({ name: test.title, error: error.stack ?? error.message }),
    );
  });
}

/** What the window is, decides which suites run in it. */
async function suites(): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    await import('./restricted.ts');
  } else if (vscode.workspace.workspaceFile) {
    await import('./folders.ts');
  } else if (vscode.env.language === 'zh-cn') {
    await import('./chinese.ts');
  } else {
    await import('./editing.ts');
    await import('./training.ts');
    await import('./ends.ts');
    await import('./runs.ts');
    await import('./new-experiment.ts');
    await import('./explorer.ts');
    await import('./panel.ts');
    await import('./models.ts');
    await import('./many.ts');
  }
}

function report(result: { name: string; error: string | null; ms?: number }): void {
  appendFileSync(process.env['TANDEM_TEST_RESULTS']!, `${JSON.stringify(result)}\n`);
}
