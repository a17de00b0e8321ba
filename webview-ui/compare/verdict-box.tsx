import type { VNode } from 'preact';
import type { Verdict } from '../../src/analysis/verdict.ts';
import { settingText } from '../../src/analysis/settings.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { Button } from '../controls/controls.tsx';
import { ask } from '../model/host.ts';
import { chooseTab, experiment } from '../model/model.ts';

interface VerdictBoxProps {
  verdict: Verdict;
  runs: RunView[];
}

/** What the comparison comes to, and what to do with it. */
export function VerdictBox({ verdict, runs }: VerdictBoxProps): VNode {
  const { best, kind, text } = verdict;
  const isOwn = experiment.value !== null;
  return (
    <section class="verdict" aria-label="Verdict">
      <p role="status">{text}</p>
      <p class="buttons">
        {best && isOwn && Object.keys(best.values).length > 0 && (
          <Button
            title={`Writes ${best.label} into the experiment file, in place of their sweep`}
            onClick={() => void ask({ kind: 'useSetting', settings: best.values }, 'write the setting')}
          >
            Use this setting
          </Button>
        )}
        {kind === 'nothing' && isOwn && <SweepOffer runs={runs} />}
        {runs.length > 0 && (
          <Button
            secondary
            onClick={() => void ask({ kind: 'report', runs: runs.map(({ id }) => id) }, 'write the report')}
          >
            Report
          </Button>
        )}
      </p>
    </section>
  );
}

const rate = 'optimizer.learning_rate.image';

/** Three rates around the present one, a factor of about three apart: enough to see on which side the best one lies. */
function SweepOffer({ runs }: { runs: RunView[] }): VNode | null {
  const field = experiment.value?.fields.find(({ path }) => path === rate);
  const now = Number(runs[0]?.settings[rate] ?? field?.text ?? field?.defaultText);
  if (!field || !(now > 0)) return null;
  const values = [now / 3, now, now * 3].map((value) => settingText(Number(value.toPrecision(1))));
  return (
    <Button
      onClick={() =>
        void ask({ kind: 'sweep', path: rate, values }, 'write the sweep').then((isDone) => {
          if (isDone) chooseTab('experiment');
        })
      }
    >
      Sweep three image rates: {values.join(', ')}
    </Button>
  );
}
