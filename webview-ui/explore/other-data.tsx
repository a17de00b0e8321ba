import type { VNode } from 'preact';
import { withChance } from '../../src/analysis/metric-words.ts';
import type { OtherEvaluation } from '../../src/protocol/evaluation.ts';
import { recallK, shortMetric } from '../../src/protocol/metrics.ts';
import { shortNumber } from '../../src/text/numbers.ts';
import { plural } from '../../src/text/words.ts';
import { t } from '../../src/text/say.ts';

/** What `tandem eval` measured of the model: a line for each list of pairs, newest first. */
export function OtherData({ evaluations }: { evaluations: readonly OtherEvaluation[] }): VNode {
  return (
    <section aria-label={t('On other data')}>
      <h2>{t('On other data')}</h2>
      <ul class="other-data">
        {[...evaluations].reverse().map((one) => (
          <li key={one.time}>
            <span title={one.data}>{one.data.slice(one.data.search(/[^\\/]*$/))}</span>{' '}
            <span class="muted">
              {plural(one.images, '{0} image', '{0} images')} · {told(one).join(' · ')}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Recall of both directions together, or the shares of images that got their label. */
const told = ({ metrics, chance }: OtherEvaluation): string[] =>
  Object.entries(metrics)
    .filter(([name]) => recallK(name) !== null || name.startsWith('zero_shot/'))
    .map(
      ([name, value]) =>
        `${shortMetric(name).replace('zero_shot/', '')} ${withChance(shortNumber(value), chance[name])}`,
    );
