import type { VNode } from 'preact';
import { verdictRule } from '../../src/analysis/verdict.ts';
import type { Verdict } from '../../src/analysis/verdict.ts';
import { threeRates } from '../../src/analysis/three-rates.ts';
import type { Setting } from '../../src/analysis/compared-settings.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { settingText } from '../../src/text/settings.ts';
import { listed } from '../../src/text/words.ts';
import { Button } from '../controls/controls.tsx';
import { ask } from '../model/host.ts';
import { chooseTab, experiment, hasExperiment } from '../model/panel-model.ts';
import { t } from '../../src/text/say.ts';

interface VerdictBoxProps {
  verdict: Verdict;
  settings: Setting[];
  keys: string[];
  runs: RunView[];
}

/** What the comparison comes to, and what to do with it. */
export function VerdictBox({ verdict, settings, keys, runs }: VerdictBoxProps): VNode {
  const { best, kind, text } = verdict;
  const isOwn = hasExperiment.value;
  return (
    <section class="verdict" aria-label={t('Verdict')}>
      <p role="status" title={verdictRule()}>
        {text}
      </p>
      <p class="buttons">
        {best && isOwn && Object.keys(best.values).length > 0 && (
          <Button
            title={t('Writes {0} into the experiment file, in place of their sweep', best.label)}
            onClick={() => void ask({ kind: 'useSetting', settings: best.values }, t('write the setting'))}
          >
            {t('Use this setting')}
          </Button>
        )}
        {kind === 'nothing' && isOwn && <SweepOffer runs={runs} />}
        {kind === 'too_few_seeds' && isOwn && <SeedsOffer settings={settings} keys={keys} />}
        {runs.length > 0 && (
          <Button
            secondary
            onClick={() =>
              void ask({ kind: 'report', runs: runs.map(({ id }) => id) }, t('write the report'))
            }
          >
            {t('Report')}
          </Button>
        )}
      </p>
    </section>
  );
}

/** Seeds that tell settings apart in most cases, at three times the time. */
const seeds = ['0', '1', '2'];

/** Writes the compared values and three seeds into the file's sweep: each setting is then trained with each seed. */
function SeedsOffer({ settings, keys }: { settings: Setting[]; keys: string[] }): VNode {
  const values = keys.map((key) => [...new Set(settings.map((setting) => settingText(setting.values[key])))]);
  const count = values.reduce((product, own) => product * own.length, seeds.length);
  const write = async (): Promise<void> => {
    for (const [index, path] of keys.entries())
      if (!(await ask({ kind: 'sweep', path, values: values[index]! }, t('write the sweep')))) return;
    if (await ask({ kind: 'sweep', path: 'seeds', values: seeds }, t('write the seeds')))
      chooseTab('experiment');
  };
  return (
    <Button
      title={t(
        'Writes these settings and the seeds {0} into the file’s sweep; Start Training then trains {1} runs',
        listed(seeds),
        count,
      )}
      onClick={() => void write()}
    >
      {t('Repeat with {0} seeds', seeds.length)}
    </Button>
  );
}

const rate = 'optimizer.learning_rate.image';

function SweepOffer({ runs }: { runs: RunView[] }): VNode | null {
  const field = experiment.value?.fields.find(({ path }) => path === rate);
  const now = Number(runs[0]?.settings[rate] ?? field?.text ?? field?.defaultText);
  if (!field || !(now > 0)) return null;
  const values = threeRates(now);
  return (
    <Button
      onClick={() =>
        void ask({ kind: 'sweep', path: rate, values }, t('write the sweep')).then((isDone) => {
          if (isDone) chooseTab('experiment');
        })
      }
    >
      {t('Sweep three image rates: {0}', values.join(', '))}
    </Button>
  );
}
