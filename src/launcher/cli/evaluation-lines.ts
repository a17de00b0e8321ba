import { relative } from 'node:path';
import { withChance } from '../../analysis/metric-words.ts';
import type { OtherEvaluation } from '../../protocol/evaluation.ts';
import { recallK, shortMetric } from '../../protocol/metrics.ts';
import { counted, shortNumber } from '../../text/numbers.ts';
import { tableLines } from './table.ts';
import { t } from '../../text/say.ts';

/** What a model reached on other data: a table of the recalls and shares, one row an evaluation. */
export function* evaluationLines(found: readonly OtherEvaluation[], cwd: string): Generator<string> {
  for (const kind of ['retrieval', 'zero_shot'] as const) {
    const own = found.filter((one) => one.kind === kind);
    if (own.length === 0) continue;
    const names = [...new Set(own.flatMap(({ metrics }) => Object.keys(metrics).filter(isTold)))];
    yield* tableLines(
      [
        t('data'),
        t('images'),
        kind === 'retrieval' ? t('captions') : t('labels'),
        t('step'),
        ...names.map(titleOf),
      ],
      own.map((one) => [
        shortPath(one.data, cwd),
        one.left_out > 0
          ? t('{0} ({1} left out)', counted(one.images), counted(one.left_out))
          : counted(one.images),
        counted(one.labels?.length ?? one.captions),
        counted(one.step),
        ...names.map((name) => withChance(shortNumber(one.metrics[name]), one.chance[name])),
      ]),
    );
  }
}

/** A person reads the means of both directions and the ranks; all else is in the document. */
const isTold = (name: string): boolean =>
  recallK(name) !== null || name.endsWith('/median_rank') || name.startsWith('zero_shot/');

const titleOf = (name: string): string =>
  shortMetric(name).replace('zero_shot/', '').replace('_rank', ' rank');

function shortPath(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path === '' || path.startsWith('..') ? file : path;
}
