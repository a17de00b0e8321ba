import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { addedPlot, metricsIn } from '../../src/analysis/added-plots.ts';
import { listed } from '../../src/text/words.ts';
import { t } from '../../src/text/say.ts';
import { Button } from '../controls/controls.tsx';
import { DropDown } from '../controls/drop-down.tsx';
import { addPlot } from './plot-settings.ts';

/** Adds a plot of any metrics by their names, over the x axis of all plots or against another metric. */
export const AddPlot = ({ names }: { names: string[] }): VNode => (
  <DropDown name="add-plot" summary={t('Add plot')}>
    {(close) => <AddPlotForm names={names} close={close} />}
  </DropDown>
);

function AddPlotForm({ names, close }: { names: string[]; close: () => void }): VNode {
  const [metrics, setMetrics] = useState('');
  const [against, setAgainst] = useState('');
  const wanted = metricsIn(metrics);
  const unknown = [...wanted, ...metricsIn(against)].filter((name) => !names.includes(name));
  const canAdd = wanted.length > 0 && unknown.length === 0;
  const add = (): void => {
    if (!canAdd) return;
    addPlot(addedPlot(wanted, against.trim() || null));
    close();
  };
  return (
    <form
      class="drop-down-body"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
      // They choose among the names here.
      onKeyDown={(event) => event.key.startsWith('Arrow') && event.stopPropagation()}
    >
      <MetricInput label={t('Metric, or several with commas')} value={metrics} onInput={setMetrics} />
      <MetricInput label={t('Against')} value={against} placeholder={t('the x axis')} onInput={setAgainst} />
      <datalist id="metric-names">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {unknown.length > 0 && <p class="muted">{t('No shown run has {0} (yet).', listed(unknown, 'or'))}</p>}
      <Button disabled={!canAdd} onClick={add}>
        {t('Add')}
      </Button>
    </form>
  );
}

interface MetricInputProps {
  label: string;
  value: string;
  placeholder?: string;
  onInput: (text: string) => void;
}

const MetricInput = ({ label, value, placeholder, onInput }: MetricInputProps): VNode => (
  <label class="field-above">
    <span>{label}</span>
    <input
      type="text"
      class="filter"
      list="metric-names"
      value={value}
      placeholder={placeholder}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  </label>
);
