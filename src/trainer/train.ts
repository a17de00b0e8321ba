import { saidBranch } from '../text/settings.ts';
import { said, type Said } from '../text/say.ts';
import { setImmediate } from 'node:timers/promises';
import type { OptimizerConfig } from '../experiment/config.ts';
import type { EndStatus } from '../protocol/events.ts';
import {
  clipFactor,
  dataWait,
  epochsDone,
  gradNorm,
  learningRate,
  logitBias,
  pairsPerS,
  recallK,
  temperature,
  totalGradNorm,
  trainLoss,
  valLoss,
} from '../protocol/metrics.ts';
import { HumanError } from '../protocol/human-error.ts';
import { outOfMemory } from '../protocol/run-memory.ts';
import { isBetter } from '../protocol/summary.ts';
import { pruneCheckpoints, writeCheckpoint } from '../store/checkpoints.ts';
import { numberText, shortNumber } from '../text/numbers.ts';
import { checkpointParts, type Progress } from './checkpoint.ts';
import { evaluate } from './evaluation/evaluate.ts';
import type { LearningRates, UpdateReport } from './optimizer/optimizer.ts';
import { extractFeatures } from './frozen/extract.ts';
import { failureReason, isOutOfMemory } from './failure.ts';
import { endBySweep } from './sweep-end.ts';
import { closeTraining, type Training } from './training.ts';

/** How a training ended. */
export interface TrainingEnd {
  status: EndStatus;
  step: number;
  reason: Said | null;
}

/**
 * Trains an opened run to its end, which its journal then tells: batches, loss and gradients, AdamW, events, evaluation, checkpoints.
 * `shouldStop` is asked between steps; then a checkpoint is saved. What cannot be gone on from is a failure with its reason, never thrown;
 * `beforeLastWord` is called then, before the end is written. `goesOn` is asked of a run that was stopped: whether it waits to go on.
 */
export async function train(
  run: Training,
  shouldStop: () => boolean,
  beforeLastWord: () => Promise<void>,
  goesOn: () => Promise<boolean>,
): Promise<TrainingEnd> {
  let end: TrainingEnd;
  try {
    end = await trainToEnd(run, shouldStop);
    const isPaused = end.status === 'stopped' && (await goesOn());
    await run.journal.end(end.step, end.status, end.reason, isPaused);
  } catch (error) {
    console.error(error instanceof HumanError ? error.message : error);
    await beforeLastWord();
    const step = run.progress.step;
    let reason = await failureReason(error, run.dir);
    if (isOutOfMemory(error)) {
      const finding = outOfMemory(step, run.journal.memory);
      run.journal.finding(finding);
      reason = said('{0} {1}', error.said[1]!, finding.said.advice);
    }
    end = { status: 'failed', step, reason };
    await run.journal.end(end.step, end.status, end.reason);
  } finally {
    await closeTraining(run);
  }
  return end;
}

async function trainToEnd(run: Training, shouldStop: () => boolean): Promise<TrainingEnd> {
  const { config, progress } = run;
  const { steps } = config.train;
  let isStopped = !(await extractFeatures(run, shouldStop));
  if (!isStopped && progress.step === 0 && run.isTrained) await evaluateUntrained(run);
  while (progress.step < steps && !isStopped) {
    const report = await takeStep(run);
    if (progress.skipsInARow >= config.optimizer.max_skips)
      return diverged(progress, report.skippedBranch!, config.loss.temperature);
    const isLast = progress.step === steps;
    isStopped = !isLast && shouldStop();
    const evaluated = await evaluateWhenDue(run, isLast);
    const ended =
      isLast || !isEvaluationDue(run)
        ? null
        : await endBySweep(run.dir, progress.step, evaluated, config.eval);
    const isBest = evaluated !== null && takeBest(progress, config.checkpoint.best, evaluated);
    run.notes.images(run.data, isLast);
    if (isLast || isStopped || ended || isBest || progress.step % config.checkpoint.every === 0)
      await save(run, isBest);
    if (ended) return { ...ended, step: progress.step };
    await setImmediate(); // timers, signals and images being decoded get their turn
  }
  return { status: isStopped ? 'stopped' : 'finished', step: progress.step, reason: null };
}

/** One batch: loss and gradients, the update at this step's rates, and what a person sees of it. */
async function takeStep(run: Training): Promise<UpdateReport> {
  const { config, data, journal, progress } = run;
  const started = performance.now();
  const stepsPerEpoch = data.train.batchesPerEpoch;
  const epoch = Math.floor(progress.step / stepsPerEpoch);
  const batch = await data.train.batch(epoch, progress.step % stepsPerEpoch);
  const waited = performance.now() - started;

  const rates = ratesAt(config.optimizer, run.schedule(progress.step));
  const report = await run.stepper.step(batch, progress.step, rates);
  data.train.release(batch);
  progress.step++;
  run.sampling?.stepped(progress.step);

  const metrics: Record<string, number> = {
    [trainLoss]: report.loss,
    [temperature]: report.temperature,
    [totalGradNorm]: report.norm,
    [clipFactor]: report.clipFactor,
    [epochsDone]: progress.step / stepsPerEpoch,
    ...(report.bias !== null && { [logitBias]: report.bias }),
  };
  for (const branch of run.branches) {
    metrics[gradNorm(branch)] = report.norms[branch]!;
    metrics[learningRate(branch)] = rates[branch];
    if (Number.isFinite(report.norms[branch])) progress.lastFiniteNorm[branch] = report.norms[branch]!;
  }
  for (const head of ['image_head', 'text_head'] as const)
    if (rates[head] !== undefined) metrics[learningRate(head)] = rates[head];
  const elapsed = performance.now() - started;
  metrics[pairsPerS] = (batch.size / elapsed) * 1000;
  metrics[dataWait] = waited / elapsed;
  run.notes.leftToProcessor(run.engine);
  run.notes.pace(elapsed, config, run.engine);
  await journal.step(progress.step, metrics);
  run.monitor.step(progress.step, metrics, batch);
  progress.skipsInARow = report.skippedBranch === null ? 0 : progress.skipsInARow + 1;
  if (report.skippedBranch !== null)
    journal.skipped(progress.step, report.skippedBranch, progress.skipsInARow, progress.lastFiniteNorm);
  return report;
}

const isEvaluationDue = ({ config, progress }: Training): boolean => progress.step % config.eval.every === 0;

/** What a loaded model reaches as it is; should training only harm it, its best checkpoint is that of step 0. */
async function evaluateUntrained(run: Training): Promise<void> {
  const evaluated = await evaluateNow(run);
  if (evaluated && takeBest(run.progress, run.config.checkpoint.best, evaluated)) await save(run, true);
}

/** Evaluates at its intervals and at the end; null when nothing was measured. */
async function evaluateWhenDue(run: Training, isLast: boolean): Promise<Record<string, number> | null> {
  return isLast || isEvaluationDue(run) ? evaluateNow(run) : null;
}

async function evaluateNow(run: Training): Promise<Record<string, number> | null> {
  const { config, data, journal, model, progress } = run;
  if (!data.validation) return null;
  await run.stepper.sync();
  const isPairwise = model.fusion.pairSimilarity !== null;
  const evaluation = await evaluate(run.embedder, data.validation, config.eval, isPairwise);
  journal.evaluated(progress.step, evaluation);
  run.monitor.evaluated(progress.step, evaluation);
  const loss = progress.summary[trainLoss]?.last;
  console.log(
    `step ${progress.step}/${config.train.steps}  loss ${loss === undefined ? '-' : shortNumber(loss)}  ${summaryLine(evaluation.metrics)}`,
  );
  return evaluation.metrics;
}

async function save(
  { arrays, config, dir, journal, model, optimizer, progress, stepper }: Training,
  isBest: boolean,
): Promise<void> {
  await journal.flush();
  await stepper.sync();
  await writeCheckpoint(dir, progress.step, checkpointParts(model, arrays, optimizer, progress), {
    best: isBest,
  });
  // One more than the newest, in case that is damaged when the run is resumed.
  await pruneCheckpoints(dir, { keep: Math.max(2, config.checkpoint.keep) });
  journal.checkpoint(progress.step, isBest);
}

/** The rates at that share of their peaks. */
function ratesAt({ learning_rate: peaks, head_rate: heads }: OptimizerConfig, share: number): LearningRates {
  const rates: LearningRates = {
    image: peaks.image * share,
    text: peaks.text * share,
    fusion: peaks.fusion * share,
    scale: peaks.scale * share,
  };
  for (const side of ['image', 'text'] as const) {
    const peak = heads?.[side];
    if (typeof peak === 'number') rates[`${side}_head`] = peak * share;
  }
  return rates;
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
  const before =
    last === undefined
      ? said('it never was finite')
      : said('its last finite norm was {0}', shortNumber(last));
  // Below 0.01 the logits, and not the steps, are what grows too large.
  const advice =
    temperature < 0.01
      ? said('Raise loss.temperature: it is {0}, and 0.1 is usual.', numberText(temperature))
      : said('Lower optimizer.learning_rate.{0}, lengthen the warm-up or clip at a smaller norm.', branch);
  const reason = said(
    'The gradient of the {0} branch was not finite for {1} steps in a row, up to step {2} ({3}). {4}',
    saidBranch(branch),
    skipsInARow,
    step,
    before,
    advice,
  );
  return { status: 'diverged', step, reason };
}

function summaryLine(values: Record<string, number>): string {
  return Object.entries(values)
    .filter(([name]) => name === valLoss || recallK(name) !== null)
    .map(([name, value]) => `${name} ${shortNumber(value)}`)
    .join('  ');
}
