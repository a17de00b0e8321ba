import { checkBatch } from './checks/batch.ts';
import { checkData } from './checks/data.ts';
import { checkEngine } from './checks/engine.ts';
import type { Check, Finding, View } from './checks/finding.ts';
import { checkLength } from './checks/length.ts';
import { checkLoss } from './checks/loss.ts';
import { checkRates } from './checks/rates.ts';
import { checkSweepSense } from './checks/sweep.ts';
import type { Facts } from './facts.ts';
import type { Parsed } from './parse.ts';
import { placeFinding } from './place.ts';
import type { Problem } from './problem.ts';
import { applyTrial } from './sweep.ts';

const checks: readonly Check[] = [checkLoss, checkRates, checkBatch, checkData, checkLength, checkEngine];

/** Most values of one swept setting that are checked one by one. */
const mostItems = 50;

/**
 * What experience teaches, with the numbers, beside what `parseExperiment` reports (those problems are not repeated): warnings, and errors where
 * the facts say that the run cannot work. Works on what could be read, also when the file has errors. Swept values are checked one by one.
 */
export function checkExperiment(parsed: Parsed, facts: Partial<Facts> = {}): Problem[] {
  const { lenient } = parsed;
  if (parsed.document.tree?.kind !== 'map') return [];
  const lists = Object.entries(lenient.sweep ?? {}).filter(([path]) => path !== 'seeds');
  const first = Object.fromEntries(lists.map(([path, values]) => [path, values[0]]));
  const base = applyTrial(lenient, first);
  const found: Finding[] = findings({ experiment: base, parsed, facts });
  for (const [path, values] of lists)
    for (const value of values.slice(0, mostItems))
      found.push(
        ...findings({ experiment: applyTrial(base, { [path]: value }), parsed, facts }).filter((one) =>
          one.paths.includes(path),
        ),
      );
  found.push(...checkSweepSense({ experiment: lenient, parsed, facts }));

  const problems = found.map((one) => placeFinding(parsed, one));
  const seen = new Set<string>();
  return problems
    .filter((one) => {
      const name = `${one.code} ${one.range.start} ${one.range.end}`;
      return !seen.has(name) && !!seen.add(name);
    })
    .sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
}

function findings(view: View): Finding[] {
  return checks.flatMap((check) => check(view));
}
