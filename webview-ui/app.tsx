import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Button } from './controls/controls.tsx';
import { IconButton } from './controls/icon.tsx';
import { PictureDialog } from './controls/picture-dialog.tsx';
import { Header } from './header.tsx';
import { ask, failures, waitingFor } from './model/host.ts';
import { experiment, isLoaded, progress, runs } from './model/panel-model.ts';
import { TabList, Tabs } from './tabs.tsx';
import { t } from '../src/text/say.ts';

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
        <Tabs />
      </main>
    </>
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
