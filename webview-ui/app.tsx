import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { PanelTab } from '../src/protocol/panel.ts';
import { Button } from './controls/controls.tsx';
import { IconButton } from './controls/icon.tsx';
import { PictureDialog } from './controls/picture-dialog.tsx';
import { CompareTab } from './compare/compare-tab.tsx';
import { ExploreTab } from './explore/explore-tab.tsx';
import { ExperimentTab } from './form/experiment-tab.tsx';
import { Header } from './header.tsx';
import { ask, failures, waitingFor } from './model/host.ts';
import { chooseTab, experiment, isLoaded, progress, runs, tab } from './model/panel-model.ts';
import { RunsTab } from './runs/runs-tab.tsx';
import { PlotsTab } from './plots/plots-tab.tsx';
import { t } from '../src/text/say.ts';

const tabs = (): { name: PanelTab; label: string }[] => [
  { name: 'experiment', label: t('Experiment') },
  { name: 'runs', label: t('Runs') },
  { name: 'plots', label: t('Plots') },
  { name: 'compare', label: t('Compare') },
  { name: 'explore', label: t('Explore') },
];

export function App(): VNode {
  if (!isLoaded.value) return <Opening />;
  if (!experiment.value && !runs.value.length) return <NoExperiment />;
  return (
    <>
      <div class="top">
        <Header />
        <nav aria-label={t('Parts of the panel')}>
          <TabList />
        </nav>
      </div>
      <PictureDialog />
      <main>
        <Notices />
        <div class="tab" role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab.value}`}>
          {tab.value === 'experiment' && <ExperimentTab />}
          {tab.value === 'runs' && <RunsTab />}
          {tab.value === 'plots' && <PlotsTab />}
          {tab.value === 'compare' && <CompareTab />}
          {tab.value === 'explore' && <ExploreTab />}
        </div>
      </main>
    </>
  );
}

function TabList(): VNode {
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!by) return;
    const names = tabs().map(({ name }) => name);
    const next = names[(names.indexOf(tab.value) + by + names.length) % names.length]!;
    chooseTab(next);
    document.getElementById(`tab-${next}`)?.focus();
    event.preventDefault();
  };
  return (
    <div class="tabs" role="tablist" aria-label={t('Parts of the panel')} onKeyDown={onKeyDown}>
      {tabs().map(({ name, label }) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-selected={tab.value === name}
          aria-controls="tab-panel"
          tabIndex={tab.value === name ? 0 : -1}
          onClick={() => chooseTab(name)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

/** What failed, what is being read, what is waited for. */
function Notices(): VNode {
  const reading = progress.value;
  return (
    <div class="notices">
      {failures.value.map((failure) => (
        <div key={failure} class="notice notice-error" role="alert">
          {failure}
          <IconButton
            name="close"
            label={t('Dismiss')}
            onClick={() => (failures.value = failures.value.filter((other) => other !== failure))}
          />
        </div>
      ))}
      {waitingFor.value.map((what) => (
        <div key={what} class="notice" role="status">
          {t('Still waiting for the extension to {0}.', what)}
        </div>
      ))}
      {reading && (
        <div class="notice" role="status">
          {reading.text}
          {reading.fraction !== null && `, ${Math.round(reading.fraction * 100)}%`}
          {reading.fraction !== null && (
            <progress class="bar" value={reading.fraction} aria-label={t('Share read')} />
          )}
        </div>
      )}
    </div>
  );
}

/** Before the first snapshot: nothing for a moment, then what is waited for. */
function Opening(): VNode {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timers = [setTimeout(() => setSeconds(0.3), 300), setTimeout(() => setSeconds(10), 10_000)];
    return () => timers.forEach(clearTimeout);
  }, []);
  const text = progress.value?.text ?? t('Reading the experiment and its runs…');
  return (
    <main class="empty">
      <p role="status">
        {seconds >= 10
          ? t(
              'Still waiting for the extension to read the experiment and its run folders. Its log (Output, Tandem) says what it is doing.',
            )
          : seconds > 0 && text}
      </p>
    </main>
  );
}

const NoExperiment = (): VNode => (
  <main class="empty">
    <h1>{t('No experiment yet')}</h1>
    <p>
      {t('An experiment is one YAML file that names your pictures and captions and how to train on them.')}
    </p>
    <p class="buttons">
      <Button onClick={() => void ask(command('newExperiment'), t('make a new experiment'))}>
        {t('New Experiment')}
      </Button>
      <Button secondary onClick={() => void ask(command('openExample'), t('open the example'))}>
        {t('Open Example')}
      </Button>
    </p>
  </main>
);

const command = (name: 'newExperiment' | 'openExample') =>
  ({ kind: 'command', command: name, run: null }) as const;
