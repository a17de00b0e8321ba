import type { ModelConfig } from '../experiment/config.ts';
import { toJson } from '../protocol/numbers.ts';
import type { RampRequest } from '../protocol/rate-ramp.ts';
import type { Provider } from '../onnx-backend/session.ts';
import { HumanError } from '../protocol/human-error.ts';
import { readConfig } from '../store/run-folder.ts';
import { installable, installEngine, type InstallableEngine } from './engines/install.ts';
import { listEngines } from './engines/list.ts';
import { tryInChild, tryProvider } from './engines/list-providers.ts';
import { rampRates } from './rate-ramp.ts';
import { trainRun, type TrainOptions } from './run.ts';
import { laterCode } from '../protocol/run-status.ts';
import { trainScheduled } from './scheduled.ts';
import { timeInChild } from './timing/time-in-child.ts';
import { timeSteps } from './timing/time-steps.ts';
import { checkWeights } from './weights/check.ts';
import { speakLanguage } from '../store/language.ts';

/** Beside this program, wherever that is. */
const sampler = new URL('./sampler.js', import.meta.url);

const usage = `trainer.js RUN_FOLDER [--queued]                   trains or resumes a run; with --queued only one that still waits
trainer.js RUN_FOLDER --scheduled                  the same as a scheduler's job: a SIGTERM means that it goes on later
trainer.js RUN_FOLDER --time PROVIDER              times a few steps of a run's model, one JSON line each
trainer.js --engines                               lists the engines as JSON
trainer.js --try PROVIDER                          whether a provider of onnx computes here, as JSON
trainer.js --weights MODEL                         what is wrong with the weights of a resolved model section, JSON in and out
trainer.js --ramp REQUEST                          losses at rising learning rates, one JSON line a step
trainer.js --install ENGINE                        installs tensorflow or tensorflow_gpu`;

/** Exit codes: 0 finished or stopped, also early, 2 wrong usage, 3 failed or diverged, 75 saved to go on later. */
async function main(args: string[]): Promise<number> {
  const [first, ...rest] = args;
  // What trains writes English for all readers of its folder; what answers speaks to the one who asked.
  if (first?.startsWith('-')) await speakLanguage();
  if (first === '--engines') {
    const program = [...process.execArgv, process.argv[1]!, '--try'];
    console.log(JSON.stringify(await listEngines((provider) => tryInChild(program, provider))));
    return 0;
  }
  if (first === '--try' && isProvider(rest[0])) {
    console.log(JSON.stringify(await tryProvider(rest[0])));
    return 0;
  }
  if (first === '--weights' && rest.length === 1) {
    console.log(JSON.stringify(await checkWeights(JSON.parse(rest[0]!) as ModelConfig)));
    return 0;
  }
  if (first === '--ramp' && rest.length === 1) {
    await rampRates(JSON.parse(rest[0]!) as RampRequest, (point) =>
      process.stdout.write(`${toJson(point)}\n`),
    );
    return 0;
  }
  if (first === '--install' && rest.length === 1 && rest[0]! in installable) {
    await installEngine(rest[0] as InstallableEngine, (text) => process.stdout.write(text));
    return 0;
  }
  if (first !== undefined && rest[0] === '--time' && isProvider(rest[1])) {
    process.stdin.once('end', () => process.exit(3)).resume(); // whoever wanted it has gone
    await timeSteps(await readConfig(first), rest[1], (message) =>
      process.stdout.write(`${JSON.stringify(message)}\n`),
    );
    return 0;
  }
  const isFolder = first !== undefined && !first.startsWith('-');
  const [option, ...more] = rest;
  if (!isFolder || more.length > 0 || ![undefined, '--queued', '--scheduled'].includes(option)) {
    console.error(usage);
    return 2;
  }
  const timeProvider: TrainOptions['timeProvider'] = (dir, provider, signal) =>
    timeInChild([...process.execArgv, process.argv[1]!, dir, '--time'], provider, signal);
  const status =
    option === '--scheduled'
      ? await trainScheduled(first, process, { timeProvider, sampler })
      : await trainRun(first, process, { onlyQueued: option === '--queued', timeProvider, sampler });
  if (status === 'queued') return laterCode;
  return status === 'failed' || status === 'diverged' ? 3 : 0;
}

const isProvider = (name: string | undefined): name is Provider =>
  ['cpu', 'webgpu', 'cuda'].includes(name ?? '');

main(process.argv.slice(2)).then(
  (code) => process.exit(code), // native threads would keep the process alive
  (error: unknown) => {
    console.error(error instanceof HumanError ? error.message : error);
    process.exit(3);
  },
);
