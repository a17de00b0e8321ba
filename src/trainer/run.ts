import { endingOf } from '../protocol/ending.ts';
import type { Said } from '../text/say.ts';
import type { CheckpointConfig } from '../experiment/config.ts';
import type { EndStatus } from '../protocol/events.ts';
import { HumanError } from '../protocol/human-error.ts';
import { dropOptimizerStates, pruneCheckpoints } from '../store/checkpoints.ts';
import type { Claim } from '../store/claim.ts';
import { openEventWriter } from '../store/events.ts';
import {
  claimRun,
  clearStop,
  readConfig,
  readRunFile,
  statusOf,
  stopRequested,
  updateRunFile,
} from '../store/run-folder.ts';
import { holdReserve } from '../store/reserve.ts';
import type { Provider } from '../onnx-backend/session.ts';
import { engineText } from '../text/engine-words.ts';
import type { ProviderTiming } from './engines/provider-timing.ts';
import { pickEngine } from './engines/pick.ts';
import { failureReason } from './failure.ts';
import { memoryLine } from './machine/memory-line.ts';
import { measureForRun } from './timing/measure-for-run.ts';
import { train } from './train.ts';
import { openTraining, type PickEngine } from './training.ts';

/** How often the folder is looked at for a request to stop. */
const stopIntervalMs = 300;

export interface TrainOptions {
  /** A run that was stopped while it waited, before this trainer was ready, stays so. */
  onlyQueued?: boolean;
  /** Times a provider, where `auto` has several; without it nothing is measured. `signal` is that of a request to stop. */
  timeProvider?: (dir: string, provider: Provider, signal: AbortSignal) => Promise<ProviderTiming>;
  /** Whether a run that was stopped waits to be started again. */
  goesOn?: () => Promise<boolean>;
  /** The program that samples the use of the machine, see `startSampling`; without it nothing is sampled. */
  sampler?: URL | undefined;
}

/**
 * Takes up the run in the folder and trains it to an end that the folder tells: `finished`, `stopped`, `failed` or `diverged`. A failure is
 * the run's reason, not an exception; only a folder that is no run, or that another trainer writes, is thrown.
 */
export async function trainRun(
  dir: string,
  signals: NodeJS.EventEmitter = process,
  {
    onlyQueued = false,
    timeProvider,
    goesOn = async () => Promise.resolve(false),
    sampler,
  }: TrainOptions = {},
): Promise<EndStatus> {
  const claim = await claimRun(dir);
  // Who stops a waiting run holds the claim meanwhile: from here on nobody can.
  if (onlyQueued && statusOf(await readRunFile(dir)) === 'stopped') {
    await claim.release();
    return 'stopped';
  }
  const reserve = await holdReserve(dir);
  const stop = await watchForStop(dir, signals);
  try {
    await beginRun(dir, claim);
    const config = await readConfig(dir);
    const pick: PickEngine = async (before) => {
      const time = timeProvider && ((provider: Provider) => timeProvider(dir, provider, stop.signal));
      const engine = await pickEngine(
        config.train,
        time && ((candidates) => measureForRun(dir, config, candidates, before, time)),
      );
      console.log(`engine ${engineText(engine)}. ${engine.why}`);
      const { memory } = await readRunFile(dir);
      if (memory) console.log(await memoryLine(memory, engine));
      return engine;
    };
    const training = await openTraining(dir, claim, config, pick, stop.signal, sampler);
    const end = await train(training, stop.isAsked, () => reserve.release(), goesOn);
    if (end.status === 'finished') await settleCheckpoints(dir, config.checkpoint);
    if (end.reason) console.log(end.reason);
    return end.status;
  } catch (error) {
    await reserve.release();
    if (error === stop.signal.reason) {
      await sayEnd(dir, 'stopped', null, await goesOn());
      return 'stopped';
    }
    console.error(error instanceof HumanError ? error.message : error);
    await sayEnd(dir, 'failed', await failureReason(error, dir));
    return 'failed';
  } finally {
    stop.end();
    await reserve.release();
    await claim.release();
  }
}

/** What only a run needs that still goes on is given back to the disk. The run is finished, whatever becomes of this. */
async function settleCheckpoints(dir: string, { keep, keep_optimizer }: CheckpointConfig): Promise<void> {
  try {
    await pruneCheckpoints(dir, { keep });
    if (!keep_optimizer) await dropOptimizerStates(dir);
  } catch (error) {
    console.error('The checkpoints could not be made smaller:', error);
  }
}

async function beginRun(dir: string, claim: Claim): Promise<void> {
  await clearStop(dir);
  await updateRunFile(dir, (file) => ({
    ...file,
    status: 'running',
    process: claim.process,
    heartbeat: Date.now(),
    reason: null,
    versions: { ...file.versions, node: process.versions.node },
  }));
}

/**
 * A stop is asked for by a signal or through the folder, often by both for one wish. Only a second Ctrl-C in the trainer's own terminal
 * ends it at once: SIGTERM may come as often as somebody asks, and whoever cannot wait sends SIGKILL.
 */
async function watchForStop(dir: string, signals: NodeJS.EventEmitter) {
  const asked = new AbortController();
  const ask = (): void => {
    if (!asked.signal.aborted) asked.abort(new Error('the run was asked to stop'));
  };
  let interrupts = 0;
  const onSignal = (name: 'SIGINT' | 'SIGTERM'): void => {
    if (name === 'SIGINT' && ++interrupts > 1) process.exit(130);
    if (!asked.signal.aborted)
      console.log('Stopping after this step: a checkpoint is saved. Ctrl-C again ends at once.');
    ask();
  };
  const names = ['SIGINT', 'SIGTERM'] as const;
  for (const name of names) signals.on(name, onSignal);
  const timer = setInterval(() => {
    stopRequested(dir).then(
      (isRequested) => isRequested && ask(),
      (error: unknown) => console.error('The request to stop could not be looked for:', error),
    );
  }, stopIntervalMs);
  timer.unref();
  return {
    isAsked: () => asked.signal.aborted,
    signal: asked.signal,
    end() {
      clearInterval(timer);
      for (const name of names) signals.off(name, onSignal);
    },
  };
}

/**
 * Writes the end of a run that ended before its training began, or failed while its last word was said, wherever that is still possible; what
 * cannot be written stands in the log.
 */
async function sayEnd(
  dir: string,
  status: 'stopped' | 'failed',
  reason: Said | null,
  goesOn = false,
): Promise<void> {
  try {
    const file = await readRunFile(dir);
    const events = await openEventWriter(dir);
    events.write({ kind: 'ended', time: Date.now(), step: file.step, status, ...endingOf(reason) });
    await events.close();
  } catch (error) {
    console.error('The end could not be written to the events:', error);
  }
  try {
    const end = goesOn ? ({ status: 'queued', process: null } as const) : { status };
    await updateRunFile(dir, { ...end, reason: null, ...endingOf(reason), heartbeat: Date.now() });
  } catch (error) {
    console.error('The end could not be written to run.json:', error);
  }
}
