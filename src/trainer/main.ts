import type { ModelConfig } from '../experiment/config.ts';
import { HumanError } from '../protocol/human-error.ts';
import { installable, installEngine, type InstallableEngine } from './engines/install.ts';
import { listEngines } from './engines/list.ts';
import { trainRun } from './run.ts';
import { checkWeights } from './weights/check.ts';

const usage = `trainer.js RUN_FOLDER [--queued]                   trains or resumes a run; with --queued only one that still waits
trainer.js --engines                               lists the engines as JSON
trainer.js --weights MODEL                         what is wrong with the weights of a resolved model section, JSON in and out
trainer.js --install ENGINE                        installs tensorflow or tensorflow_gpu`;

/** Exit codes: 0 finished or stopped, 2 wrong usage, 3 failed or diverged. */
async function main(args: string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === '--engines') {
    console.log(JSON.stringify(await listEngines()));
    return 0;
  }
  if (first === '--weights' && rest.length === 1) {
    console.log(JSON.stringify(await checkWeights(JSON.parse(rest[0]!) as ModelConfig)));
    return 0;
  }
  if (first === '--install' && rest.length === 1 && rest[0]! in installable) {
    await installEngine(rest[0] as InstallableEngine, (text) => process.stdout.write(text));
    return 0;
  }
  const onlyQueued = rest.length === 1 && rest[0] === '--queued';
  if (!first || first.startsWith('-') || (rest.length > 0 && !onlyQueued)) {
    console.error(usage);
    return 2;
  }
  const status = await trainRun(first, process, onlyQueued);
  return status === 'finished' || status === 'stopped' ? 0 : 3;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code), // native threads would keep the process alive
  (error: unknown) => {
    console.error(error instanceof HumanError ? error.message : error);
    process.exit(3);
  },
);
