import type { Branch, RunConfig } from '../experiment/config.ts';
import { takenBackTo, type RunState } from '../protocol/state.ts';
import { dropCheckpointsAfter, latestCheckpoint } from '../store/checkpoints.ts';
import type { Claim } from '../store/claim.ts';
import { openRunLog } from '../store/run-log.ts';
import { restored, type Progress } from './checkpoint.ts';
import { createStepper } from './step/create-stepper.ts';
import type { Stepper } from './step/stepper.ts';
import { pairsAtOnce } from './step/training-pass.ts';
import type { Engine } from './engines/engine.ts';
import { createEmbedder, type Embedder } from './evaluation/embed.ts';
import { openBeforeJournal, openJournal, type BeforeJournal, type Journal } from './journal.ts';
import { buildModel, type Model } from './model/model.ts';
import type { Arrays } from './model/parameter.ts';
import { startSampling, type Sampling } from './machine/sampling.ts';
import { createMonitor, type Monitor } from './monitor/monitor.ts';
import { createNotes, type Notes } from './notes.ts';
import { createOptimizer, type Optimizer } from './optimizer/optimizer.ts';
import { createSchedule } from './optimizer/schedule.ts';
import { openTrainingData, type TrainingData } from './training-data.ts';
import { prepareEncoders, type Encoders } from './weights/prepare.ts';
import { openHub } from '../weights/hub.ts';
import { captionFeatures } from '../data/caption-input.ts';
import { asEncodersRead } from './frozen/as-encoders-read.ts';
import { openFrozenFeatures, type FrozenFeatures } from './frozen/open-frozen.ts';

/** All that a run works with from its first step to its last. */
export interface Training {
  dir: string;
  config: RunConfig;
  engine: Engine;
  /** It knows something before its first step. */
  isTrained: boolean;
  model: Model;
  /** The parameters, which the optimizer changes in place. */
  arrays: Arrays;
  optimizer: Optimizer;
  branches: Branch[];
  /** Share of the peak learning rate at a step. */
  schedule: (step: number) => number;
  stepper: Stepper;
  embedder: Embedder;
  /** null where both encoders learn. */
  frozen: FrozenFeatures | null;
  data: TrainingData;
  journal: Journal;
  notes: Notes;
  monitor: Monitor;
  /** null where nothing samples. */
  sampling: Sampling | null;
  progress: Progress;
}

/** Chooses what computes a run: its encoders are prepared when they are asked for. */
export type PickEngine = (
  before: Pick<BeforeJournal, 'preparing'> & { encoders: () => Promise<Encoders> },
) => Promise<Engine>;

/**
 * Opens a run, fresh or as its last checkpoint left it, and says `started` in its journal. `signal` ends a download of weights; its reason is
 * thrown then.
 */
export async function openTraining(
  dir: string,
  claim: Claim,
  asked: RunConfig,
  pick: PickEngine,
  signal: AbortSignal,
  sampler?: URL,
): Promise<Training> {
  const before = await openBeforeJournal(dir);
  const hub = openHub({
    signal,
    say: (line) => console.log(line),
    onProgress: ({ leftMs, ...rest }) => before.preparing({ what: 'download', ...rest, left_ms: leftMs }),
  });
  let preparing: Promise<Encoders> | null = null;
  const prepare = (): Promise<Encoders> =>
    (preparing ??= prepareEncoders(asked.model, asked.data.image_size, hub));
  // An engine that is not there is said before anything is fetched.
  const engineFirst = async (): Promise<[Engine, Encoders]> => [
    await pick({ preparing: (event) => before.preparing(event), encoders: prepare }),
    await prepare(),
  ];
  const [engine, encoders] = await engineFirst().finally(() => before.close());
  let frozen: FrozenFeatures | null = null;
  try {
    const config = asEncodersRead(asked, encoders);
    frozen = await openFrozenFeatures(config, encoders, engine);
    return await openWith(dir, claim, config, engine, encoders, frozen, sampler);
  } catch (error) {
    await frozen?.close();
    engine.dispose();
    throw error;
  }
}

async function openWith(
  dir: string,
  claim: Claim,
  written: RunConfig,
  engine: Engine,
  encoders: Encoders,
  frozen: FrozenFeatures | null,
  sampler?: URL,
): Promise<Training> {
  const model = buildModel(
    written.model,
    written.loss,
    encoders.shapes,
    frozen?.given,
    encoders.preprocessing,
  );
  const checkpoint = await latestCheckpoint(dir);
  const from = checkpoint ? restored(checkpoint, model) : null;
  const arrays = from?.arrays ?? (await encoders.initialArrays(model, written.seed));
  const temperature = Math.exp(-arrays['logit_scale']![0]!);
  const config = written.loss.loaded ? { ...written, loss: { ...written.loss, temperature } } : written;
  const optimizer = createOptimizer(model, config.optimizer, arrays, from?.optimizer);
  const progress = from?.progress ?? notBegun();
  if (checkpoint) await dropCheckpointsAfter(dir, checkpoint.step);

  const data = await openTrainingData(config, { ...encoders, frozen: frozen?.inputs ?? null });
  try {
    const before = progress.step > 0 ? await eventsUntil(dir, progress.step) : null;
    const journal = await openJournal(dir, claim, config, engine, {
      step: progress.step,
      summary: progress.summary,
      trainPairs: data.trainPairs,
      valPairs: data.valPairs,
      stepsPerEpoch: data.train.batchesPerEpoch,
      findings: before?.findings ?? [],
      data: data.fingerprint,
    });
    const notes = createNotes(journal, progress);
    notes.beginning(data, encoders, checkpoint, {
      stepsPerEpoch: config.train.steps_per_epoch,
      data: progress.data,
    });
    progress.summary = journal.summary;
    progress.data = data.fingerprint;
    return {
      dir,
      config,
      engine,
      isTrained: encoders.isWhole,
      model,
      arrays,
      optimizer,
      branches: [...new Set(optimizer.groups.map((group) => group.branch))],
      schedule: createSchedule(config.optimizer.schedule, config.train.steps),
      stepper: createStepper({ config, engine, model, arrays, optimizer }),
      embedder: createEmbedder(
        engine,
        model,
        arrays,
        Math.min(pairsAtOnce(config.train), 64),
        captionFeatures(frozen?.inputs ?? null),
      ),
      frozen,
      data,
      journal,
      notes,
      monitor: createMonitor(config, (finding) => journal.finding(finding), before),
      sampling: sampler
        ? startSampling(sampler, engine, progress.step, (sample) => journal.system(sample))
        : null,
      progress,
    };
  } catch (error) {
    await data.close();
    throw error;
  }
}

/** Gives back files, decoders and the engine's memory. The journal is closed by its last word. */
export async function closeTraining(run: Training): Promise<void> {
  const { data, engine, stepper, embedder, frozen, sampling } = run;
  await sampling?.end();
  stepper.dispose();
  embedder.dispose();
  await data.close();
  await frozen?.close();
  engine.dispose();
}

/** What the events of earlier trainers of the run say up to the step that it goes on from. */
async function eventsUntil(dir: string, step: number): Promise<RunState> {
  const log = openRunLog(dir);
  await log.update();
  return takenBackTo(log.state, step);
}

const notBegun = (): Progress => ({
  step: 0,
  skipsInARow: 0,
  lastFiniteNorm: {},
  best: null,
  summary: {},
  data: null,
});
