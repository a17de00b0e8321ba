import { totalmem } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { checkExperiment } from '../experiment/checks/check.ts';
import type { Launcher, RunConfig } from '../experiment/config.ts';
import type { Facts } from '../experiment/checks/facts.ts';
import type { View } from '../experiment/checks/finding.ts';
import { expectedMemory } from '../experiment/checks/memory.ts';
import { reliefOf } from '../experiment/checks/relief.ts';
import { earlyStopping } from '../experiment/early-stop.ts';
import { parseExperiment } from '../experiment/parse/parse.ts';
import type { Parsed } from '../experiment/parse/parsed.ts';
import type { Problem } from '../experiment/document/problem.ts';
import { resolveConfig, resolvePaths } from '../experiment/resolve.ts';
import type { Experiment } from '../experiment/schema/schema.ts';
import { rangeOf } from '../experiment/document/source.ts';
import { applyTrial, expandSweep, type Trial } from '../experiment/sweep.ts';
import { HumanError } from '../protocol/human-error.ts';
import type { SweepPlace } from '../protocol/run.ts';
import type { RunMemory } from '../protocol/run-memory.ts';
import { cacheDirOf, runsDirOf } from '../store/run-folder.ts';
import { readExperimentText } from './experiment-text.ts';
import { type DataFacts, type DataFault, type DataReader, isFault, openDataReader } from './data-facts.ts';
import { type Assignment, applyAssignments, readAssignment } from './assignments.ts';
import type { TrainerProgram } from './trainer-program.ts';
import { weightsFaults } from './weights.ts';
import { existingPaths, namedPaths } from './existing-paths.ts';
import { nearbyPaths } from './nearby-paths.ts';
import { said } from '../text/say.ts';

/** What an experiment file asks for, checked against its data. */
export interface Plan {
  /** Absolute path of the experiment file. */
  file: string;
  /** Its text, without what was set beside it. */
  text: string;
  /** Where its runs go. */
  runsDir: string;
  /** Where they run. */
  launcher: Launcher;
  /** Everything wrong or doubtful, in order of place. With an error in it, there are no runs. */
  problems: Problem[];
  /** What the pairs come to; null when they could not be read. */
  data: DataFacts | null;
  /** Names in the header of the pairs, also when one that is asked for is not among them; null where they are not known. */
  columns: string[] | null;
  /** What the checks were told of the world. */
  facts: Partial<Facts>;
  /** Those of the problems that no check finds from the facts: what reading the data gave. */
  faults: Problem[];
  /** Settings times seeds of the file's sweep, whether it was asked for or not; 1 without one. */
  trials: number;
  runs: PlannedRun[];
  /** Unix ms, the same for all runs. */
  time: number;
}

export interface PlannedRun {
  config: RunConfig;
  /** What differs from the file, by dotted key. */
  settings: Record<string, unknown>;
  sweep: SweepPlace | null;
  /** What it is expected to take. */
  memory: RunMemory;
}

export interface PlanOptions {
  /** `key=value` each, over the file's values. */
  set?: string[];
  /** The whole sweep (the default), or one run with the file's own values. */
  sweep?: boolean;
  /** Opens images as well. */
  checkImages?: boolean;
  /** Also looks whether weights on this machine fit their encoders, which the trainer knows. */
  trainer?: TrainerProgram;
  /** The text, where it is not the file's (an editor that has not saved). */
  text?: string | undefined;
  signal?: AbortSignal;
}

/**
 * Reads an experiment file and its data, and works out the runs. What is wrong with either is data: `problems`.
 * Throws HumanError when the file cannot be read or `set` is not of the form key=value.
 */
export async function planRuns(file: string, options: PlanOptions = {}): Promise<Plan> {
  const path = resolve(file);
  const assignments = (options.set ?? []).map(readAssignment);
  const text = options.text ?? (await readExperimentText(path));
  const parsed = parseExperiment(applyAssignments(text, assignments));
  const reader = openDataReader(options);
  try {
    const time = Date.now();
    const trials = trialsOf(parsed);
    const { data, columns, facts, faults } = await readData(parsed, path, reader);
    if (options.trainer) faults.push(...(await readWeights(parsed, path, facts, options.trainer)));
    const found = [...parsed.problems, ...checkExperiment(parsed, facts), ...faults];
    const problems = inPlace(found, text, assignments);
    const plan: Plan = {
      file: path,
      text,
      runsDir: runsDirOf(path),
      launcher: parsed.lenient.launcher,
      problems,
      data,
      columns,
      facts,
      faults,
      trials: trials.length,
      runs: [],
      time,
    };
    if (!parsed.experiment || problems.some(({ severity }) => severity === 'error')) return plan;

    const beside = besideFile(parsed.experiment, assignments);
    const wanted = options.sweep === false ? [alone(parsed.experiment)] : trials;
    const { seed } = parsed.experiment;
    // Every run then says its own, also that with the seed of the file.
    const hasSeeds = wanted.some((trial) => trial.seed !== seed);
    const sweepId = `sweep-${time.toString(36)}${Math.random().toString(36).slice(2, 6)}`;
    for (const trial of wanted) {
      const config = await configOf(parsed, trial, path, reader, facts.memory_bytes);
      plan.runs.push({
        config,
        settings: {
          ...beside,
          ...trial.settings,
          ...(hasSeeds && { seed: trial.seed }),
        },
        memory: memoryOf({ experiment: experimentOf(parsed, trial), parsed, facts }, config),
        sweep: wanted.length > 1 ? placeOf(parsed.experiment, config, { id: sweepId, ...trial }) : null,
      });
    }
    return plan;
  } finally {
    await reader.close();
  }
}

/** A run's place in its sweep, with what ends it early there. */
function placeOf(
  experiment: Experiment,
  { train }: RunConfig,
  { id, index, count }: Pick<SweepPlace, 'id' | 'index' | 'count'>,
): SweepPlace {
  const { steps, steps_per_epoch: stepsPerEpoch, batch_size: batchSize } = train;
  const stopEarly = earlyStopping(experiment, { steps, stepsPerEpoch, batchSize });
  const budget = experiment.sweep?.budget;
  return { id, index, count, ...(stopEarly && { stop_early: stopEarly }), ...(budget && { budget }) };
}

function trialsOf(parsed: Parsed): Trial[] {
  return parsed.experiment ? expandSweep(parsed.experiment) : [];
}

function alone(experiment: Experiment): Trial {
  return { settings: {}, seed: experiment.seed, index: 0, count: 1 };
}

/** What the data of the file's own values and the rest of the world are like, and what is wrong with them that no check knows of. */
async function readData(
  parsed: Parsed,
  path: string,
  reader: DataReader,
): Promise<Pick<Plan, 'data' | 'columns' | 'facts' | 'faults'>> {
  const { lenient } = parsed;
  const config = { ...resolvePaths(lenient, { baseDir: dirname(path) }), seed: lenient.seed };
  const facts: Partial<Facts> = {
    exists: await existingPaths(config),
    full_paths: namedPaths(config),
    memory_bytes: totalmem(),
  };
  facts.nearby = await nearbyPaths(lenient, dirname(path));
  if (lenient.data.pairs === '') return { data: null, columns: null, facts, faults: [] };
  const found = await reader.facts(config);
  if (!isFault(found)) {
    const { columns, bad: _rows, bad_count: _count, notes: _notes, ...data } = found;
    void [_rows, _count, _notes];
    facts.data = { ...data, ...(columns && { columns }), exists: true };
    return { data: found, columns, facts, faults: [] };
  }
  if (found.code === 'file_not_found') {
    facts.exists = { ...facts.exists, [found.path]: false };
    if (found.path === 'data.pairs') facts.data = { exists: false };
  } else if (found.columns) facts.data = { columns: found.columns };
  const isKnown = checkExperiment(parsed, facts).some(
    ({ severity, path: at }) => severity === 'error' && at.startsWith('data.'),
  );
  return {
    data: null,
    columns: found.columns ?? null,
    facts,
    faults: isKnown ? [] : [faultProblem(parsed, found)],
  };
}

/** What is wrong with weights that are there. */
async function readWeights(
  parsed: Parsed,
  path: string,
  { exists }: Partial<Facts>,
  trainer: TrainerProgram,
): Promise<Problem[]> {
  const { model } = resolvePaths(parsed.lenient, { baseDir: dirname(path) });
  const faults = await weightsFaults(trainer, model);
  return faults
    .filter(({ path: key }) => exists?.[key] !== false)
    .map((fault) => faultProblem(parsed, fault));
}

function faultProblem(parsed: Parsed, { path, code, message }: DataFault): Problem {
  const place = parsed.places.get(path) ?? parsed.places.get('data.pairs') ?? parsed.places.get('data');
  const range = rangeOf(parsed.document.source, place?.value.start ?? 0, place?.value.end ?? 0);
  return { severity: 'error', code, message, path, range, fixes: [] };
}

const experimentOf = (parsed: Parsed, trial: Trial): Experiment => ({
  ...applyTrial(parsed.experiment!, trial.settings),
  seed: trial.seed,
});

/** What a run is expected to take of memory, and what would make it smaller. */
function memoryOf(view: View, { train }: RunConfig): RunMemory {
  const { micro_batch } = train;
  // As chosen, where the file leaves it to the machine's memory.
  const experiment = { ...view.experiment, train: { ...view.experiment.train, micro_batch } };
  return {
    ...expectedMemory(experiment),
    relief: reliefOf({ ...view, experiment }),
  };
}

async function configOf(
  parsed: Parsed,
  trial: Trial,
  path: string,
  reader: DataReader,
  memoryBytes: number | undefined,
): Promise<RunConfig> {
  const experiment = experimentOf(parsed, trial);
  const context = {
    baseDir: dirname(path),
    cacheDir: cacheDirOf(runsDirOf(path)),
    memoryBytes,
    explicit: parsed.explicit,
    name: basename(path).replace(/(\.tandem)?\.ya?ml$/i, ''),
  };
  const trainPairs = await reader.trainPairs({ ...resolvePaths(experiment, context), seed: trial.seed });
  if (typeof trainPairs !== 'number')
    throw new HumanError(
      said('{0}: {1}', JSON.stringify(trial.settings), trainPairs.message),
      '',
      trainPairs.code,
    );
  return resolveConfig(experiment, { ...context, trainPairs });
}

/** The values that `--set` gave, as the schema read them; where a run runs tells nothing of what it learns. */
function besideFile(experiment: Experiment, assignments: Assignment[]): Record<string, unknown> {
  return Object.fromEntries(
    assignments
      .filter(({ key }) => !key.startsWith('launcher.'))
      .map(({ key }) => [
        key,
        key
          .split('.')
          .reduce<unknown>((at, name) => (at as Record<string, unknown> | null)?.[name], experiment),
      ]),
  );
}

/**
 * Problems at places of the file as it lies there: what `--set` put in has moved the text, so places are looked up
 * anew, and a problem of a value that was set says so.
 */
function inPlace(problems: Problem[], text: string, assignments: Assignment[]): Problem[] {
  const sorted = [...problems].sort((a, b) => a.range.start - b.range.start);
  if (assignments.length === 0) return sorted;
  const original = parseExperiment(text);
  return sorted.map((problem) => {
    const set = assignments.find(({ key }) => problem.path === key || problem.path.startsWith(`${key}.`));
    const same = original.problems.find(({ code, path }) => code === problem.code && path === problem.path);
    const place = original.places.get(problem.path);
    const range =
      same?.range ?? rangeOf(original.document.source, place?.value.start ?? 0, place?.value.end ?? 0);
    return {
      ...problem,
      range,
      message: set ? `--set ${set.key}=${set.value}: ${problem.message}` : problem.message,
    };
  });
}
