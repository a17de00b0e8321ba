import type { VNode } from 'preact';
import { Button, Checkbox, Select } from '../controls/controls.tsx';
import { shownRuns } from '../model/model.ts';
import { RunList } from './run-list.tsx';
import { changePlots, isZoomed, plotSettings, xRange } from './settings.ts';
import { xAxes } from './x-axis.ts';
import type { XAxisName } from './x-axis.ts';

/** What holds for all plots: the x axis, smoothing, outliers, the zoom, and which runs are drawn. */
export function Toolbar({ axis, canEpoch }: { axis: XAxisName; canEpoch: boolean }): VNode {
  const { smoothing, ignoreOutliers } = plotSettings.value;
  const axes = xAxes.filter(({ value }) => value !== 'epoch' || canEpoch || axis === 'epoch');
  return (
    <div class="toolbar">
      <span class="tool">
        <span aria-hidden="true">x</span>
        <Select
          label="x axis"
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
        title="Exponential mean of what is measured each step; evaluations are drawn as they are"
      >
        smoothing
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={smoothing}
          onInput={(event) => changePlots({ smoothing: Number(event.currentTarget.value) })}
        />
        <span class="number smoothing">{smoothing.toFixed(2)}</span>
      </label>
      <Checkbox
        label="ignore outliers"
        checked={ignoreOutliers}
        onChange={(checked) => changePlots({ ignoreOutliers: checked })}
      />
      <Button
        secondary
        disabled={!isZoomed.value}
        title="Drag over a plot to zoom, shift and drag to pan, ctrl and wheel to zoom, double-click to see all"
        onClick={() => (xRange.value = null)}
      >
        Reset zoom
      </Button>
      <RunList chosen={shownRuns.value} />
    </div>
  );
}
