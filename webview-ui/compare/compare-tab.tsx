import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { comparisonTable } from '../../src/analysis/comparison-table.ts';
import { comparedMetrics } from '../../src/analysis/metric-values.ts';
import { differingKeys, settingsOf } from '../../src/analysis/compared-settings.ts';
import { verdictOf } from '../../src/analysis/verdict.ts';
import { trainLoss } from '../../src/protocol/metrics.ts';
import { Select } from '../controls/controls.tsx';
import { hasExperiment, showRuns, shown } from '../model/panel-model.ts';
import { useTab } from '../model/tab-view.ts';
import { theme } from '../model/theme.ts';
import { Later } from '../plots/later.ts';
import { WaitingForCurves } from '../plots/run-problems.tsx';
import { colouring } from '../model/colouring.ts';
import { CompareFigures } from './compare-figures.tsx';
import { CompareTable } from './compare-table.tsx';
import { CurvesByRate } from './curves-by-rate.tsx';
import { standing } from '../model/sweeps.ts';
import { choices, chosen, compared } from './selection.ts';
import { ColourChoice } from '../plots/colour-choice.tsx';
import { plotSettings } from '../plots/plot-settings.ts';
import { RateFinder } from './rate-finder.tsx';
import { VerdictBox } from './verdict-box.tsx';
import { t } from '../../src/text/say.ts';

type Pick = 'best' | 'last';

/** Runs beside each other: the verdict, the metric against what was swept, the curves by rate, the table. */
export function CompareTab(): VNode {
  const version = useTab().changes.value;
  const runs = useMemo(() => compared.peek(), [version, shown.value]);
  const [wanted, setWanted] = useState<{ metric: string; pick: Pick } | null>(null);
  const ids = runs.map(({ id }) => id).join();
  const metrics = useMemo(() => comparedMetrics(runs), [ids, version]);
  const keys = useMemo(() => differingKeys(runs), [ids, version]);
  const settings = useMemo(() => settingsOf(runs, keys), [ids, version]);
  const metric = wanted && metrics.includes(wanted.metric) ? wanted.metric : (metrics[0] ?? trainLoss);
  const pick = wanted?.pick ?? 'best';
  const isShared = metrics.length > 0 || !runs.some(({ foreign }) => foreign);
  const verdict = useMemo(
    () => verdictOf(settings, isShared ? metric : null, pick),
    [settings, metric, pick, isShared],
  );
  // What logs were set to is not known: they have no place among settings.
  const placed = useMemo(() => settings.filter(({ isLog }) => !isLog), [settings]);
  const table = useMemo(() => comparisonTable(settings, keys, metric, pick), [settings, metric, pick]);
  const colours = useMemo(
    () => colouring(runs, plotSettings.value.colourBy, keys, theme.value.background),
    [ids, keys, plotSettings.value.colourBy, theme.value.background],
  );
  return (
    <div class="compare">
      <div class="toolbar">
        <span class="tool">
          <span aria-hidden="true">{t('Runs')}</span>
          <Select
            label={t('Runs to compare')}
            width="wide"
            value={chosen.peek().value}
            options={choices.peek()}
            onChange={(value) =>
              showRuns(
                choices
                  .peek()
                  .find((each) => each.value === value)!
                  .runs.map(({ id }) => id),
              )
            }
          />
          <span class="muted">{runs.length > 0 && standing(runs)}</span>
        </span>
        {metrics.length > 0 && (
          <span class="tool">
            <span aria-hidden="true">{t('metric')}</span>
            <Select
              label={t('Metric to compare by')}
              width="wide"
              value={`${pick} ${metric}`}
              options={metrics.flatMap((name) =>
                (['best', 'last'] as const).map((each) => ({
                  value: `${each} ${name}`,
                  label: each === 'best' ? t('best {0}', name) : t('last {0}', name),
                })),
              )}
              onChange={(value) => {
                const [each, ...name] = value.split(' ');
                setWanted({ metric: name.join(' '), pick: each as Pick });
              }}
            />
          </span>
        )}
        <ColourChoice keys={keys} />
      </div>
      <WaitingForCurves runs={runs} />
      <VerdictBox verdict={verdict} settings={settings} keys={keys} runs={runs} />
      {hasExperiment.value && <RateFinder />}
      {settings.length > 1 && (
        <>
          <Later>
            <CompareFigures settings={placed} keys={keys} metric={metric} pick={pick} />
          </Later>
          <Later>
            <CurvesByRate runs={runs} metric={metric} colours={colours} />
          </Later>
          <Later>
            <CompareTable
              table={table}
              best={verdict.best?.key ?? null}
              colourOf={(setting) => colours?.ofValue(setting.values[plotSettings.value.colourBy!]) ?? null}
            />
          </Later>
        </>
      )}
    </div>
  );
}
