import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../needs.ts';

// The tests of test/host/suite run in mocha inside the extension host of a real VS Code, once for all; each is reported here by its name.

const root = fileURLToPath(new URL('../..', import.meta.url));
const isInstalled = existsSync(join(process.env['TANDEM_E2E_ROOT'] ?? join(root, '.e2e'), 'installed.json'));

interface Result {
  name: string;
  error: string | null;
}

describe.runIf(needs(isInstalled, 'a real VS Code (npm run e2e:install)'))(
  'in a real VS Code (npm run e2e:install)',
  () => {
    const results = new Map<string, Result>();
    let output = '';

    // As the clean check tries every failed test once more, so with these; they are run all together.
    const attempts = process.env['CI'] ? 2 : 1;

    beforeAll(async () => {
      for (let attempt = 1; attempt <= attempts; attempt++) {
        const { stdout, stderr } = await run(['test/e2e/run-host-tests.mjs']);
        output = stderr;
        for (const line of stdout.split('\n').filter((text) => text.startsWith('{'))) {
          const result = JSON.parse(line) as Result | { measured: string; value: number };
          if ('measured' in result) console.log(`${result.measured}: ${result.value}`);
          else take(result);
        }
        if (testNames().every((name) => results.get(name)?.error === null)) break;
      }
    }, 1_400_000);

    function take(result: Result): void {
      const before = results.get(result.name);
      if (before?.error === null) return;
      if (before && result.error === null) console.log(`${result.name}: failed at first: ${before.error}`);
      results.set(result.name, result);
    }

    for (const name of testNames())
      it(name, () => {
        const result = results.get(name);
        if (!result) throw new Error(`The test did not run.\n${output.slice(-2000)}`);
        expect(result.error).toBeNull();
      });
  },
);

function testNames(): string[] {
  const suite = join(root, 'test/host/suite');
  return readdirSync(suite).flatMap((file) =>
    [...readFileSync(join(suite, file), 'utf8').matchAll(/^ {2}test\('((?:[^'\\]|\\.)*)'/gm)].map(
      ([, name]) => name!.replaceAll("\\'", "'"),
    ),
  );
}

function run(args: string[]): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    // A failing test ends the program with 1: what it printed says which.
    execFile('node', args, { cwd: root, maxBuffer: 1 << 24 }, (_error, stdout, stderr) =>
      resolve({ stdout, stderr }),
    );
  });
}
