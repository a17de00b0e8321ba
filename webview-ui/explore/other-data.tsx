import type { VNode } from 'preact';
import { evaluationWords } from '../../src/analysis/evaluation-words.ts';
import type { OtherEvaluation } from '../../src/protocol/evaluation.ts';
import { plural } from '../../src/text/words.ts';
import { t } from '../../src/text/say.ts';

/** What was measured of the model (`tandem eval`): a line for each list of pairs, newest first. */
export function OtherData({ evaluations }: { evaluations: readonly OtherEvaluation[] }): VNode {
  return (
    <section aria-label={t('On other data')}>
      <h2>{t('On other data')}</h2>
      <ul class="other-data">
        {[...evaluations].reverse().map((one) => (
          <li key={one.time}>
            <span title={one.data}>{one.data.slice(one.data.search(/[^\\/]*$/))}</span>{' '}
            <span class="muted">
              {plural(one.images, '{0} image', '{0} images')} · {evaluationWords(one).join(' · ')}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
