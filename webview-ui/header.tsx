import type { VNode } from 'preact';
import { resultMetrics } from '../src/analysis/metric-values.ts';
import { duration } from '../src/text/durations.ts';
import { counted, exactNumber, shortNumber } from '../src/text/numbers.ts';
import { decidingMetric, shortMetric, trainLoss } from '../src/protocol/metrics.ts';
import { paceOf } from '../src/protocol/pace.ts';
import type { PanelCommand, RunView } from '../src/protocol/panel.ts';
import { canResume, isActive as statusIsActive } from '../src/protocol/run-status.ts';
import { lastValue } from '../src/protocol/summary.ts';
import { Button } from './controls/controls.tsx';
import { Menu } from './controls/menu.tsx';
import type { MenuItem } from './controls/menu.tsx';
import { Status } from './controls/status.tsx';
import { ask } from './model/host.ts';
import { changes, currentRun, experiment, shown } from './model/model.ts';
import { runName } from './model/run-colours.ts';

/** One line that is always there, two where it is narrow: how the run stands, or what is wrong with the experiment, and what can be done. */
export function Header(): VNode {
  // The run is changed in place: what it says is read anew at each change.
  void changes.value;
  const run = currentRun.value;
  const isActive = run !== null && statusIsActive(run.status);
  return (
    <header class="header">
      <h1 class="name">{experiment.value?.name ?? (run && runName(run))}</h1>
      {run && <Status status={run.status} />}
      {run ? <RunFacts run={run} hasStopped={!isActive} /> : <Problems />}
      <span class="actions">
        {run && isActive && (
          <Button
            secondary
            disabled={run.status === 'stopping'}
            title={
              run.status === 'stopping' ? 'It saves a checkpoint first' : 'Saves a checkpoint, then stops'
            }
            onClick={() => send('stop', run.id, 'stop the run')}
          >
            Stop
          </Button>
        )}
        {run && canResume(run.status) && !run.foreign && (
          <Button secondary onClick={() => send('resume', run.id, 'resume the run')}>
            Resume
          </Button>
        )}
        {!isActive && experiment.value && <StartButton />}
        <Menu label="More actions" items={menuItems(run)} />
      </span>
    </header>
  );
}

function StartButton(): VNode {
  const { errors, text } = problemCount();
  return (
    <Button
      disabled={errors > 0}
      title={errors ? `Cannot start: ${text}` : undefined}
      onClick={() => send('start', null, 'start training')}
    >
      Start Training
    </Button>
  );
}

function Problems(): VNode {
  const { text, errors } = problemCount();
  return <span class={errors ? 'fact error-text' : 'fact'}>{text || 'no problems'}</span>;
}

function problemCount(): { errors: number; text: string } {
  const problems = experiment.value?.problems ?? [];
  const count = (severity: string) => problems.filter((problem) => problem.severity === severity).length;
  const [errors, warnings] = [count('error'), count('warning')];
  const parts = [
    errors && `${errors} ${errors === 1 ? 'problem' : 'problems'}`,
    warnings && `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`,
  ];
  return { errors, text: parts.filter(Boolean).join(', ') };
}

function RunFacts({ run, hasStopped }: { run: RunView; hasStopped: boolean }): VNode {
  const recall = decidingMetric(resultMetrics([run]));
  const loss = lastOf(run, trainLoss);
  const recalled = recall ? lastOf(run, recall) : null;
  const pace = run.status === 'running' && run.state ? paceOf(run.state) : null;
  const steps = run.state?.started?.steps ?? run.file?.steps ?? 0;
  const step = Math.max(run.state?.step ?? 0, run.file?.step ?? 0);
  return (
    <span class="facts" role="group" aria-label="How the run stands">
      {hasStopped && problemCount().errors > 0 && <Problems />}
      {steps > 0 && <Fact name="step" value={`${counted(step)} / ${counted(steps)}`} />}
      {loss !== null && <Fact name="loss" value={shortNumber(loss)} exact={loss} />}
      {recall && recalled !== null && (
        <Fact name={shortMetric(recall)} value={shortNumber(recalled)} exact={recalled} />
      )}
      {pace?.pairsPerS && (
        <span class="fact number fact-speed">{`${shortNumber(pace.pairsPerS)} pairs/s`}</span>
      )}
      {pace?.leftMs && <Fact name="" value={`${duration(pace.leftMs)} left`} />}
      {run.file?.reason && run.status !== 'running' && (
        <span class="fact reason" title={run.file.reason}>
          {run.file.reason}
        </span>
      )}
    </span>
  );
}

const Fact = ({ name, value, exact }: { name: string; value: string; exact?: number }): VNode => (
  <span class="fact" title={exact === undefined ? undefined : exactNumber(exact)}>
    {name && <span class="muted">{name} </span>}
    <span class="number">{value}</span>
  </span>
);

const lastOf = (run: RunView, metric: string): number | null =>
  lastValue(metric, run.state, run.file?.summary) ?? null;

function menuItems(run: RunView | null): MenuItem[] {
  const item = (label: string, name: PanelCommand, id: string | null, words: string): MenuItem => ({
    label,
    onChoose: () => send(name, id, words),
  });
  const items = [item('Open the Experiment File', 'openFile', null, 'open the file')];
  if (run && !run.foreign) {
    items.push(item('Open the Log', 'openLog', run.id, 'open the log'));
    items.push(item('Show the Run in the Explorer', 'revealRun', run.id, 'show the run'));
  }
  items.push(item('Compare Runs', 'compare', run?.id ?? null, 'compare runs'));
  const ids = shown.value.length ? shown.value : run ? [run.id] : [];
  if (ids.length)
    items.push({
      label: 'Export a Report',
      onChoose: () => void ask({ kind: 'report', runs: ids }, 'write the report'),
    });
  return items;
}

const send = (name: PanelCommand, run: string | null, inWords: string): void =>
  void ask({ kind: 'command', command: name, run }, inWords);
