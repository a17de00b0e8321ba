import { readYaml } from '../document/document.ts';
import { asLoaded } from '../derived.ts';
import type { Problem } from '../document/problem.ts';
import { experimentSchema, type Experiment } from '../schema/schema.ts';
import { syntaxProblems } from '../syntax/syntax-problems.ts';
import { lookalikeProblems } from './lookalike.ts';
import type { Parsed, Reading } from './parsed.ts';
import { readRoot } from './read-section.ts';
import { checkRules } from './rules.ts';

/** Reads an experiment file: never throws, every problem has its place in the text. */
export function parseExperiment(text: string): Parsed {
  const parsed = parseAsWritten(text);
  const signs = lookalikeProblems(parsed, parseAsWritten);
  if (!signs.length) return parsed;
  const isSign = (problem: Problem) => problem.severity === 'error';
  // What is wrong from the first of such signs on is mostly its doing.
  const first = Math.min(...signs.filter(isSign).map(({ range }) => range.start));
  const kept = parsed.problems.filter(({ severity, range }) => severity !== 'error' || range.end <= first);
  return {
    ...parsed,
    experiment: signs.some(isSign) ? null : parsed.experiment,
    problems: inOrder([...kept, ...signs]),
  };
}

function parseAsWritten(text: string): Parsed {
  const document = readYaml(text);
  const problems: Problem[] = [...syntaxProblems(document)];
  const reading: Reading = { document, problems, places: new Map() };
  const tooMany = problems.some((problem) => problem.code === 'too_many_aliases');
  const values = tooMany ? {} : readRoot(reading);
  const parsed: Parsed = {
    experiment: null,
    lenient: lenientExperiment(values),
    problems,
    explicit: new Set([...reading.places.keys()].filter((path) => !path.startsWith('sweep.'))),
    places: reading.places,
    document,
  };
  if (!tooMany) {
    problems.push(...checkRules(parsed));
    afterSyntax(parsed);
  }
  inOrder(problems);
  if (!problems.some((problem) => problem.severity === 'error')) parsed.experiment = parsed.lenient;
  return parsed;
}

const inOrder = (problems: Problem[]): Problem[] =>
  problems.sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);

/** After a syntax error the rest of the tree is a guess: only what stands before it is reported. */
function afterSyntax(parsed: Parsed): void {
  const first = Math.min(
    ...parsed.problems.filter((one) => one.code.startsWith('yaml_')).map((one) => one.range.start),
  );
  if (!Number.isFinite(first)) return;
  const kept = parsed.problems.filter(
    (one) =>
      one.code.startsWith('yaml_') ||
      (one.severity === 'error' &&
        one.code !== 'missing_key' &&
        one.range.end <= first &&
        one.range.start < first),
  );
  parsed.problems.splice(0, parsed.problems.length, ...kept);
}

/** All values that were valid, defaults for the rest. */
function lenientExperiment(values: Record<string, unknown>): Experiment {
  const data = (values.data ?? {}) as Record<string, unknown>;
  const full = { ...values, data: { ...data, pairs: data.pairs ?? '?' } };
  const experiment = asLoaded(experimentSchema.parse(full));
  if (data.pairs === undefined) experiment.data.pairs = '';
  const { best } = (values.checkpoint ?? {}) as Record<string, unknown>;
  const { recall_at } = experiment.eval;
  // The best checkpoint is told by a K that is measured.
  const model = (values.model ?? {}) as Record<string, Record<string, unknown> | undefined>;
  // What others exported cannot train.
  for (const side of ['image_encoder', 'text_encoder'] as const)
    if (experiment.model[side].name === 'auto' && model[side]?.train === undefined)
      experiment.model[side].train = 'frozen';
  if (best === undefined && !recall_at.includes(1)) experiment.checkpoint.best = `val/recall@${recall_at[0]}`;
  return experiment;
}
