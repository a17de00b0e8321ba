import { setImmediate } from 'node:timers/promises';
import type { RunConfig } from '../experiment/config.ts';
import { numberText } from '../text/numbers.ts';
import type { EndStatus } from '../protocol/events.ts';
import {
  clipFactor,
  dataWait,
  epochsDone,
  gradNorm,
  learningRate,
  pairsPerS,
  recallK,
  temperature,
  totalGradNorm,
  trainLoss,
  valLoss,
} from '../protocol/metrics.ts';
import { isBetter } from '../protocol/summary.ts';
import {
  dropCheckpointsAfter,
  latestCheckpoint,
  pruneCheckpoints,
  writeCheckpoint,
} from '../store/checkpoints.ts';
import type { Claim } from '../store/claim.ts';
import { checkpointParts, restored, type Progress } from './checkpoint.ts';
import { CompiledCache } from './compiled-cache.ts';
import { dropoutMasks } from './dropout.ts';
import { createEmbedder } from './evaluation/embed.ts';
import type { Engine } from './engines/engine.ts';
import { evaluate } from './evaluation/evaluate.ts';
import { openJournal, type Journal } from './journal.ts';
import { buildModel } from './model/model.ts';
import { createNotes } from './notes.ts';
import { createOptimizer, type Rates } from './optimizer/optimizer.ts';
import { prepareEncoders } from './weights/prepare.ts';
import { updateRunningStatistics } from './running-statistics.ts';
import { createSchedule } from './optimizer/schedule.ts';
import { lossAndGradients, stepSpecs } from './step.ts';
import { openTrainingData } from './training-data.ts';
import { shortNumber } from '../text/numbers.ts';

/** Steps of different caption lengths that stay compiled. */
const compiledSteps = 6;

/** How a training ended. */
export interface TrainingEnd {
  status: EndStatus;
  step: number;
  reason: string | null;
}

/**
 * Trains or resumes the run in the folder to its end: batches, loss and gradients, AdamW, events, evaluation, checkpoints. `shouldStop` is
 * asked between steps; then a checkpoint is saved. Throws what it cannot go on from, after the journal's last word in `fail`.
 */
export async function train(
  dir: string,
  claim: Claim,
  config: RunConfig,
  engine: Engine,
  shouldStop: () => boolean,
  opened: (journal: Journal, progress: Progress) => void,
): Promise<TrainingEnd> {
  const { seed } = config;
  const { steps, batch_size: batchSize } = config.train;

  // The model, fresh or as the last checkpoint left it.
  const encoders = await prepareEncoders(config.model);
  const model = buildModel(config.model, config.loss, encoders.shapes);
  const checkpoint = await latestCheckpoint(dir);
  const from = checkpoint ? restored(checkpoint, model) : null;
  const arrays = from?.arrays ?? (await encoders.initialArrays(model, seed));
  const optimizer = createOptimizer(model, config.optimizer, arrays, from?.optimizer);
  const progress: Progress = from?.progress ?? {
    step: 0,
    skipsInARow: 0,
    lastFiniteNorm: {},
    best: null,
    summary: {},
    data: null,
  };
  if (checkpoint) await dropCheckpointsAfter(dir, checkpoint.step);

  const data = await openTrainingData(config, encoders.tokenizer);
  const stepsPerEpoch = data.train.batchesPerEpoch;
  const journal = await openJournal(dir, claim, config, engine, {
    step: progress.step,
    summary: progress.summary,
    trainPairs: data.trainPairs,
    valPairs: data.valPairs,
    stepsPerEpoch,
  });
  progress.summary = journal.summary;
  const earlierData = progress.data;
  progress.data = data.fingerprint;
  opened(journal, progress);
  const notes = createNotes(journal, progress);
  notes.beginning(data, encoders, checkpoint, {
    stepsPerEpoch: config.train.steps_per_epoch,
    data: earlierData,
  });

  const schedule = createSchedule(config.optimizer.schedule, steps);
  const branches = [...new Set(optimizer.groups.map((group) => group.branch))];
  const masks = dropoutMasks(config.model.text_encoder.dropout, seed);
  const stepCache = new CompiledCache(compiledSteps);
  const stepFunction = lossAndGradients(model);
  const embedder = createEmbedder(engine, model, arrays, Math.min(batchSize, 64));
  let stopped = false;

  while (progress.step < steps && !stopped) {
    const started = performance.now();
    const epoch = Math.floor(progress.step / stepsPerEpoch);

    // A batch, and the step compiled for its shape.
    const batch = await data.train.batch(epoch, progress.step % stepsPerEpoch);
    const waited = performance.now() - started;
    const shape = { batch: batch.size, imageSize: batch.imageSize, length: batch.length };
    const compiled = await stepCache.get(`${batch.size} ${batch.length}`, () =>
      engine.compile(stepFunction, stepSpecs(model, shape, true), optimizer.gradients),
    );

    // Loss and gradients, then the update at this step's rates.
    const rates = mapRates(config.optimizer.learning_rate, schedule(progress.step));
    const outputs = await compiled.run({
      ...arrays,
      pixels: batch.pixels,
      token_ids: batch.tokenIds,
      mask: batch.mask,
      image_ids: batch.imageIds,
      caption_ids: batch.captionIds,
      ...masks.draw(model.dropoutShapes(batch.size, batch.length), progress.step),
    });
    const divisor = Math.exp(-arrays['logit_scale']![0]!);
    const report = optimizer.update(outputs, rates);
    progress.step++;
    if (report.skippedBranch === null) {
      updateRunningStatistics(arrays, outputs);
      clampScale(arrays['logit_scale']!, config);
    }

    // What a person sees of it.
    const metrics: Record<string, number> = {
      [trainLoss]: outputs['loss']![0]!,
      [temperature]: divisor,
      [totalGradNorm]: report.norm,
      [clipFactor]: report.clipFactor,
      [epochsDone]: progress.step / stepsPerEpoch,
    };
    for (const branch of branches) {
      metrics[gradNorm(branch)] = report.norms[branch]!;
      metrics[learningRate(branch)] = rates[branch];
      if (Number.isFinite(report.norms[branch])) progress.lastFiniteNorm[branch] = report.norms[branch]!;
    }
    const elapsed = performance.now() - started;
    metrics[pairsPerS] = (batch.size / elapsed) * 1000;
    metrics[dataWait] = waited / elapsed;
    notes.pace(elapsed, config, engine);
    await journal.step(progress.step, metrics);
    progress.skipsInARow = report.skippedBranch === null ? 0 : progress.skipsInARow + 1;
    if (report.skippedBranch !== null) {
      journal.skipped(progress.step, report.skippedBranch, progress.skipsInARow, progress.lastFiniteNorm);
      if (progress.skipsInARow >= config.optimizer.max_skips) {
        await data.close();
        return diverged(progress, report.skippedBranch, config.loss.temperature);
      }
    }

    // Evaluation and checkpoints, always at the end as well.
    const isLast = progress.step === steps;
    stopped = !isLast && shouldStop();
    let isBest = false;
    if (data.validation && (isLast || progress.step % config.eval.every === 0)) {
      const evaluation = await evaluate(
        embedder,
        data.validation,
        config.eval,
        model.fusion.pairSimilarity !== null,
      );
      journal.evaluated(progress.step, evaluation);
      isBest = takeBest(progress, config.checkpoint.best, evaluation.metrics);
      console.log(
        `step ${progress.step}/${steps}  loss ${shortNumber(metrics[trainLoss])}  ${summaryLine(evaluation.metrics)}`,
      );
    }
    notes.pictures(data, isLast);
    if (isLast || stopped || isBest || progress.step % config.checkpoint.every === 0) {
      await journal.flush();
      await writeCheckpoint(dir, progress.step, checkpointParts(model, arrays, optimizer, progress), {
        best: isBest,
      });
      // One more than the newest, in case that is damaged when the run is resumed.
      await pruneCheckpoints(dir, { keep: Math.max(2, config.checkpoint.keep) });
      journal.checkpoint(progress.step, isBest);
    }
    await setImmediate(); // timers, signals and pictures being decoded get their turn
  }

  await data.close();
  stepCache.dispose();
  embedder.dispose();
  return { status: stopped ? 'stopped' : 'finished', step: progress.step, reason: null };
}

function mapRates(peaks: Rates, share: number): Rates {
  return {
    image: peaks.image * share,
    text: peaks.text * share,
    fusion: peaks.fusion * share,
    scale: peaks.scale * share,
  };
}

/** CLIP's clamp of the learnt temperature: never below `min_temperature`; and never above 1, or where it started if that is more. */
function clampScale(scale: Float32Array, { loss }: RunConfig): void {
  if (!loss.learn_temperature) return;
  const lowest = Math.min(0, -Math.log(loss.temperature));
  scale[0] = Math.min(Math.max(scale[0]!, lowest), -Math.log(loss.min_temperature));
}

function takeBest(progress: Progress, metric: string | null, values: Record<string, number>): boolean {
  const value = metric === null ? undefined : values[metric];
  if (metric === null || value === undefined || !isBetter(metric, value, progress.best)) return false;
  progress.best = value;
  return true;
}

function diverged(
  { step, skipsInARow, lastFiniteNorm }: Progress,
  branch: string,
  temperature: number,
): TrainingEnd {
  const last = lastFiniteNorm[branch];
  const before = last === undefined ? 'it never was finite' : `its last finite norm was ${shortNumber(last)}`;
  // Below 0.01 the logits, and not the steps, are what grows too large.
  const advice =
    temperature < 0.01
      ? `Raise loss.temperature: it is ${numberText(temperature)}, and 0.1 is usual.`
      : `Lower optimizer.learning_rate.${branch}, lengthen the warm-up or clip at a smaller norm.`;
  const reason =
    `The gradient of the ${branch} branch was not finite for ${skipsInARow} steps in a row, up to step ${step} (${before}). ` +
    advice;
  return { status: 'diverged', step, reason };
}

function summaryLine(values: Record<string, number>): string {
  return Object.entries(values)
    .filter(([name]) => name === valLoss || recallK(name) !== null)
    .map(([name, value]) => `${name} ${shortNumber(value)}`)
    .join('  ');
}
