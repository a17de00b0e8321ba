import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { orderedColour } from '../../src/analysis/colours.ts';
import { rampFigure } from '../../src/analysis/figures/ramp-figure.ts';
import type { RateCurve } from '../../src/analysis/rate-finder.ts';
import { rateWords } from '../../src/analysis/rate-words.ts';
import type { RateBranch, RateRamp } from '../../src/protocol/rate-ramp.ts';
import { numberText } from '../../src/text/numbers.ts';
import { t } from '../../src/text/say.ts';
import { Button, Select } from '../controls/controls.tsx';
import { ask, askFor } from '../model/host.ts';
import { theme } from '../model/theme.ts';
import { Figure } from './figure.tsx';

/** Looks for a learning rate: a few steps at rising rates, the curve, and both suggestions to be used. */
export function RateFinder(): VNode {
  const [branch, setBranch] = useState<RateBranch>('all');
  const [others, setOthers] = useState<RateRamp['others']>('own');
  const [found, setFound] = useState<RateCurve | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [isLooking, setLooking] = useState(false);
  const look = async (): Promise<void> => {
    setLooking(true);
    setFailure(null);
    const { error, value } = await askFor({ kind: 'findRate', branch, others });
    setLooking(false);
    setFailure(error);
    if (error === null) setFound(value as RateCurve);
  };
  return (
    <>
      <div class="toolbar">
        <span class="tool">
          <span aria-hidden="true">{t('Find the rate of')}</span>
          <Select
            label={t('Branch whose rate is looked for')}
            value={branch}
            options={(['all', 'image', 'text', 'fusion'] as const).map((value) => ({
              value,
              label: value === 'all' ? t('all branches') : value,
            }))}
            onChange={(value) => setBranch(value as RateBranch)}
          />
        </span>
        {branch !== 'all' && (
          <span class="tool">
            <span aria-hidden="true">{t('other branches')}</span>
            <Select
              label={t('How the other branches learn')}
              value={others}
              options={[
                { value: 'own', label: t('at their own rates') },
                { value: 'zero', label: t('at 0') },
              ]}
              onChange={(value) => setOthers(value as RateRamp['others'])}
            />
          </span>
        )}
        <Button secondary disabled={isLooking} onClick={() => void look()}>
          {isLooking ? t('Looking …') : t('Find')}
        </Button>
      </div>
      {failure !== null && <p role="alert">{failure}</p>}
      {found && <Found curve={found} />}
    </>
  );
}

function Found({ curve }: { curve: RateCurve }): VNode {
  const { steepest, tenth, ramp } = curve;
  const colour = orderedColour(0, 2, theme.value.background);
  const use = (rate: number): void => {
    const written = Number(rate.toPrecision(2));
    const settings = Object.fromEntries(
      ramp.branches.map((branch) => [`optimizer.learning_rate.${branch}`, written]),
    );
    void ask({ kind: 'useSetting', settings }, t('write the setting'));
  };
  return (
    <div class="cards figures">
      <Figure
        title={t('Loss against the learning rate')}
        height={260}
        draw={(width, height) => rampFigure(curve, width, height, colour)}
        foot={rateWords(curve).map((line) => (
          <p key={line}>{line}</p>
        ))}
      >
        {[steepest, tenth].map(
          (rate) =>
            rate !== null && (
              <Button key={rate} secondary onClick={() => use(rate)}>
                {t('Use {0}', numberText(Number(rate.toPrecision(2))))}
              </Button>
            ),
        )}
      </Figure>
    </div>
  );
}
