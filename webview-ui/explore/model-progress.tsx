import type { VNode } from 'preact';
import type { ModelCall } from '../../src/protocol/inference.ts';
import { timeLeft } from '../../src/text/durations.ts';
import { counted } from '../../src/text/numbers.ts';
import { t } from '../../src/text/say.ts';
import { Button } from '../controls/controls.tsx';
import { modelProgress } from '../model/panel-model.ts';
import { asking, stop } from './explore-model.ts';

/** How far a long question is, with a way to end it; nothing while it is not asked. */
export function ModelProgressBar({ call, doing }: { call: ModelCall; doing: string }): VNode | null {
  const progress = modelProgress.value[call];
  if (!asking.value.includes(call)) return null;
  if (!progress || progress.total === 0) return null;
  const { done, total, leftMs } = progress;
  return (
    <div class="explore-progress" role="status">
      <span>
        {t('{0}: {1} of {2}', doing, counted(done), counted(total))}
        {leftMs !== null && `, ${timeLeft(leftMs)}`}
      </span>
      <progress class="bar" value={done / total} aria-label={doing} />
      <Button
        secondary
        onClick={() => stop(call)}
        title={t('What is computed stays; the next search goes on from there')}
      >
        {t('Cancel')}
      </Button>
    </div>
  );
}
