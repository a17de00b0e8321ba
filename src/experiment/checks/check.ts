import { checkBatch } from './batch.ts';
import { checkMicroBatch } from './micro-batch.ts';
import { checkData } from './data.ts';
import { checkEngine } from './engine.ts';
import type { Check } from './finding.ts';
import { checkEvaluation } from './evaluation.ts';
import { checkLauncher } from './launcher.ts';
import { checkLength } from './length.ts';
import { checkLoss } from './loss.ts';
import { checkModel } from './model.ts';
import { checkOptimizer } from './optimizer.ts';
import { checkRates } from './rates.ts';
import { checkSweepSense } from './sweep.ts';
import type { Facts } from './facts.ts';
import type { Parsed } from '../parse/parsed.ts';
import { placeFinding } from './place-finding.ts';
import type { Problem } from '../document/problem.ts';
import type { Experiment } from '../schema/schema.ts';
import { applyTrial, settingCount, settingsOf, type Settings } from '../sweep.ts';
import { yamlText } from '../edit/yaml-text.ts';
import { listed } from '../../text/words.ts';
import { t } from '../../text/say.ts';

const checks: readonly Check[] = [
  checkLoss,
  checkRates,
  checkOptimizer,
  checkBatch,
  checkMicroBatch,
  checkData,
  checkModel,
  checkEvaluation,
  checkLength,
  checkEngine,
  checkLauncher,
];

/** Most trials of a sweep that are all checked; of more, each value is checked beside the first of the other lists. */
const mostTrials = 100;
/** Most values of one list that are checked then. */
const mostItems = 50;

/**
 * What experience teaches, with the numbers, beside what `parseExperiment` reports (those problems are not repeated): warnings, and errors where
 * the facts say that the run cannot work. Works on what could be read, also when the file has errors. Every trial of a sweep is checked.
 */
export function checkExperiment(parsed: Parsed, facts: Partial<Facts> = {}): Problem[] {
  const { lenient } = parsed;
  if (parsed.document.tree?.kind !== 'map') return [];
  const { trials, areAll } = trialsToCheck(lenient);
  const found = new Map<string, { problem: Problem; trials: Settings[] }>();
  const places = new Map<string, Problem>();
  for (const settings of trials) {
    const experiment = applyTrial(lenient, settings);
    for (const finding of checks.flatMap((check) => check({ experiment, parsed, facts }))) {
      const about = JSON.stringify([finding.code, finding.paths.map((path) => [path, settings[path]])]);
      let problem = places.get(about);
      if (!problem) places.set(about, (problem = placeFinding(parsed, finding, experiment)));
      const name = nameOf(problem);
      const before = found.get(name);
      if (before) before.trials.push(settings);
      else found.set(name, { problem, trials: [settings] });
    }
  }
  const problems = [...found.values()].map((one) =>
    areAll && !lenient.sweep?.random
      ? { ...one.problem, message: one.problem.message + onlyWith(one, trials) }
      : one.problem,
  );
  const ofSweep = checkSweepSense({ experiment: lenient, parsed, facts });
  problems.push(...ofSweep.map((one) => placeFinding(parsed, one, lenient)));
  return problems.sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
}

const nameOf = ({ code, range }: Problem): string => `${code} ${range.start} ${range.end}`;

function trialsToCheck({ sweep }: Experiment): { trials: Settings[]; areAll: boolean } {
  if (!sweep || settingCount(sweep) <= mostTrials) return { trials: settingsOf(sweep), areAll: true };
  if (sweep.random) return { trials: settingsOf(sweep).slice(0, mostTrials), areAll: false };
  const lists = Object.entries(sweep.values);
  const first = Object.fromEntries(lists.map(([path, values]) => [path, values[0]]));
  const others = lists.flatMap(([path, values]) =>
    values.slice(1, mostItems).map((value) => ({ ...first, [path]: value })),
  );
  return { trials: [first, ...others], areAll: false };
}

/** Says which values of the other swept settings it takes, when not all of them do. */
function onlyWith({ problem, trials }: { problem: Problem; trials: Settings[] }, all: Settings[]): string {
  if (trials.length === all.length) return '';
  const parts = Object.keys(all[0] ?? {})
    .filter((path) => path !== problem.setting)
    .flatMap((path) => {
      const values = (some: Settings[]) => [...new Set(some.map((one) => yamlText(one[path])))];
      const taking = values(trials);
      return taking.length < values(all).length ? [`${path} ${taking.join(', ')}`] : [];
    });
  return parts.length ? t(' So it is with {0}.', listed(parts)) : '';
}
