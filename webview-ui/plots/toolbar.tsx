import type { VNode } from 'preact';
import { Button, Checkbox, Select } from '../controls/controls.tsx';
import type { RunView } from '../../src/protocol/panel.ts';
import { AddPlot } from './add-plot.tsx';
import { ColourChoice } from './colour-choice.tsx';
import { RunList } from './run-choice.tsx';
import { changePlots, isZoomed, plotSearch, plotSettings, xRange } from './plot-settings.ts';
import { xAxes } from './x-axis.ts';
import type { XAxisName } from './x-axis.ts';
import { t } from '../../src/text/say.ts';

interface ToolbarProps {
  axis: XAxisName;
  canEpoch: boolean;
  canSearch: boolean;
  /** Settings that differ: what colours may stand for. */
  keys: string[];
  /** Whether some of the runs differ in their seed alone. */
  hasSeeds: boolean;
  metrics: string[];
  /** The runs that are drawn. */
  chosen: RunView[];
}

/** What holds for all plots: the x axis, smoothing, outliers, the zoom, and which runs are drawn. */
export function Toolbar(props: ToolbarProps): VNode {
  const { axis, canEpoch, canSearch, keys, hasSeeds, metrics, chosen } = props;
  const { smoothing, ignoreOutliers, seedBands } = plotSettings.value;
  const axes = xAxes().filter(({ value }) => value !== 'epoch' || canEpoch || axis === 'epoch');
  return (
    <div class="toolbar">
      <span class="tool">
        <span aria-hidden="true">x</span>
        <Select
          label={t('x axis')}
          value={axis}
          options={axes}
          onChange={(value) => {
            xRange.value = null;
            changePlots({ axis: value as XAxisName });
          }}
        />
      </span>
      <label
        class="tool"
        title={t('Exponential mean of what is measured each step; evaluations are drawn as they are')}
      >
        {t('smoothing')}
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={smoothing}
          style={{ '--filled': `${(smoothing / 0.99) * 100}%` }}
          onInput={(event) => changePlots({ smoothing: Number(event.currentTarget.value) })}
        />
        <span class="number smoothing">{smoothing.toFixed(2)}</span>
      </label>
      <Checkbox
        label={t('ignore outliers')}
        checked={ignoreOutliers}
        onChange={(checked) => changePlots({ ignoreOutliers: checked })}
      />
      <ColourChoice keys={keys} />
      {hasSeeds && (
        <span
          title={t(
            'Runs that differ in their seed alone as one line: their mean, and a band from the lowest to the highest',
          )}
        >
          <Checkbox
            label={t('seeds as a band')}
            checked={seedBands}
            onChange={(checked) => changePlots({ seedBands: checked })}
          />
        </span>
      )}
      <Button
        secondary
        disabled={!isZoomed.value}
        title={t(
          'Drag over a plot to zoom, shift and drag to pan, ctrl and wheel to zoom, double-click to see all',
        )}
        onClick={() => (xRange.value = null)}
      >
        {t('Reset zoom')}
      </Button>
      {(canSearch || plotSearch.value) && (
        <input
          type="search"
          placeholder={t('Search plots…')}
          aria-label={t('Search plots')}
          value={plotSearch.value}
          onInput={(event) => (plotSearch.value = event.currentTarget.value)}
        />
      )}
      <AddPlot names={metrics} />
      <RunList chosen={chosen} />
    </div>
  );
}
