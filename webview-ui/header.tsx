import type { VNode } from 'preact';
import { bestRun, isAtChance, metricOf, resultMetrics } from '../src/analysis/metric-values.ts';
import { bestName, countedStatus, ofHowMany, withChance } from '../src/analysis/metric-words.ts';
import { decidingMetric, trainLoss } from '../src/protocol/metrics.ts';
import { preparingText } from '../src/analysis/preparing-text.ts';
import { paceOf } from '../src/protocol/pace.ts';
import type { PanelCommand, RunView } from '../src/protocol/panel.ts';
import type { MetricSummary } from '../src/protocol/run.ts';
import { canResume, countStatuses, isActive } from '../src/protocol/run-status.ts';
import { lastValue, stepOf } from '../src/protocol/summary.ts';
import { counted, exactNumber, shortNumber } from '../src/text/numbers.ts';
import { timeLeft } from '../src/text/durations.ts';
import { plural } from '../src/text/words.ts';
import { Button } from './controls/controls.tsx';
import { Menu } from './controls/menu.tsx';
import type { MenuItem } from './controls/menu.tsx';
import { Status } from './controls/status.tsx';
import { leadToProblem } from './form/form-state.ts';
import { ask } from './model/host.ts';
import { experiment, shown, shownRuns } from './model/panel-model.ts';
import { runName } from './model/run-colours.ts';
import { t } from '../src/text/say.ts';

/**
 * One line that is always there, two where it is narrow: how the runs stand that are shown below, or what is wrong with the experiment
 * when none is, and what can be done.
 */
export function Header(): VNode {
  const all = shownRuns.value.filter((run) => !run.problem);
  const run = all.length === 1 ? all[0]! : null;
  const active = all.filter(({ status }) => isActive(status));
  return (
    <header class="header">
      <h1 class="name">{experiment.value?.name ?? (run ? runName(run) : t('Runs'))}</h1>
      {run && <Status status={run.status} isAtChance={isAtChance(run)} />}
      {active.length === 0 && all.length > 0 && problemCount().errors > 0 && <Problems />}
      {run ? <RunFacts run={run} /> : all.length ? <RunsFacts runs={all} /> : <Problems />}
      <span class="actions">
        {active.length > 0 && <StopButton runs={active} />}
        {run && canResume(run.status) && !run.foreign && (
          <Button secondary onClick={() => send('resume', run.id, t('resume the run'))}>
            {t('Resume')}
          </Button>
        )}
        {active.length === 0 && experiment.value && <StartButton />}
        <Menu label={t('More actions')} items={menuItems(run)} />
      </span>
    </header>
  );
}

function StopButton({ runs }: { runs: RunView[] }): VNode {
  const isAsked = runs.every(({ status }) => status === 'stopping');
  const one = runs.length === 1;
  // Those that wait first: else the next would begin when the first has ended.
  const inOrder = [...runs].sort((a, b) => Number(b.status === 'queued') - Number(a.status === 'queued'));
  return (
    <Button
      secondary
      disabled={isAsked}
      title={
        isAsked
          ? t('It saves a checkpoint first')
          : one
            ? t('Saves a checkpoint, then stops')
            : t('Saves a checkpoint of each, then stops')
      }
      onClick={() => inOrder.forEach(({ id }) => send('stop', id, t('stop the run')))}
    >
      {one ? t('Stop') : t('Stop {0} runs', runs.length)}
    </Button>
  );
}

function StartButton(): VNode {
  const { errors, text } = problemCount();
  const runs = experiment.value?.runs ?? 1;
  return (
    <Button
      disabled={errors > 0}
      title={errors ? t('Cannot start: {0}', text) : undefined}
      onClick={() => send('start', null, t('start training'))}
    >
      {runs > 1 ? t('Start {0} Runs', counted(runs)) : t('Start Training')}
    </Button>
  );
}

function Problems(): VNode {
  const { text, errors } = problemCount();
  if (!text) return <span class="fact">{t('no problems')}</span>;
  return (
    <button
      type="button"
      class={errors ? 'fact link error-text' : 'fact link'}
      title={t('Show the next problem')}
      onClick={leadToProblem}
    >
      {text}
    </button>
  );
}

function problemCount(): { errors: number; text: string } {
  const problems = experiment.value?.problems ?? [];
  const count = (severity: string) => problems.filter((problem) => problem.severity === severity).length;
  const [errors, warnings] = [count('error'), count('warning')];
  const parts = [
    errors && plural(errors, '{0} problem', '{0} problems'),
    warnings && plural(warnings, '{0} warning', '{0} warnings'),
  ];
  return { errors, text: parts.filter(Boolean).join(t(', ')) };
}

function RunFacts({ run }: { run: RunView }): VNode {
  const metric = decidingMetric(resultMetrics([run]));
  const value = metric && metricOf(run, metric);
  const loss = lastValue(trainLoss, run.state, run.file?.summary);
  const pace = run.status === 'running' && run.state ? paceOf(run.state) : null;
  const preparing = run.status === 'running' ? run.state?.preparing : null;
  const steps = run.state?.started?.steps ?? run.file?.steps ?? 0;
  const step = stepOf(run.state, run.file);
  return (
    <span class="facts" role="group" aria-label={t('How the run stands')}>
      {steps > 0 && <Fact name={t('step')} value={`${counted(step)} / ${counted(steps)}`} />}
      {loss !== undefined && <Fact name={t('loss')} value={shortNumber(loss)} title={exactNumber(loss)} />}
      {metric && value && <BestFact metric={metric} value={value} />}
      {pace?.pairsPerS && (
        <span class="fact number fact-speed">{t('{0} pairs/s', shortNumber(pace.pairsPerS))}</span>
      )}
      {pace?.leftMs && <Fact name="" value={timeLeft(pace.leftMs)} />}
      {preparing && <Fact name="" value={preparingText(preparing)} />}
      {run.file?.reason && run.status !== 'running' && (
        <span class="fact reason" title={run.file.reason}>
          {run.file.reason}
        </span>
      )}
    </span>
  );
}

/** How several runs stand: what they are, how many of them train, and the best value among them. */
function RunsFacts({ runs }: { runs: RunView[] }): VNode {
  const metric = decidingMetric(resultMetrics(runs));
  const best = metric && bestRun(runs, metric);
  const sweep = runs[0]!.file?.sweep;
  const isSweep = sweep && runs.every((run) => run.file?.sweep?.id === sweep.id);
  const counts = countStatuses(runs.map(({ status }) => status));
  return (
    <span class="facts" role="group" aria-label={t('How the runs stand')}>
      <Fact
        name={isSweep ? t('sweep') : ''}
        value={
          isSweep && runs.length < sweep.count
            ? t('{0} of {1} runs', counted(runs.length), counted(sweep.count))
            : plural(runs.length, '{0} run', '{0} runs')
        }
      />
      <span class="fact">{counts.map(([status, count]) => countedStatus(count, status)).join(t(', '))}</span>
      {metric && best && <BestFact metric={metric} value={best.value} whose={runName(best.run)} />}
    </span>
  );
}

/** The best value so far, of how many, and what guessing gives: the same that stands in the explorer. */
function BestFact({ metric, value, whose }: { metric: string; value: MetricSummary; whose?: string }): VNode {
  const { best, best_step: step, last, chance } = value;
  const title = [
    t('{0} {1} at step {2}', bestName(metric), exactNumber(best), counted(step)),
    ofHowMany(metric, value),
    t('last {0}', exactNumber(last)),
    whose,
  ];
  return (
    <Fact
      name={bestName(metric, value)}
      value={withChance(shortNumber(best), chance)}
      title={title.filter(Boolean).join(t(', '))}
    />
  );
}

const Fact = ({ name, value, title }: { name: string; value: string; title?: string }): VNode => (
  <span class="fact" title={title}>
    {name && <span class="muted">{name} </span>}
    <span class="number">{value}</span>
  </span>
);

function menuItems(run: RunView | null): MenuItem[] {
  const item = (label: string, name: PanelCommand, id: string | null, words: string): MenuItem => ({
    label,
    onChoose: () => send(name, id, words),
  });
  const items = [item(t('Open the Experiment File'), 'openFile', null, t('open the file'))];
  if (run && !run.foreign) {
    items.push(item(t('Open the Log'), 'openLog', run.id, t('open the log')));
    items.push(item(t('Show the Run in the Explorer'), 'revealRun', run.id, t('show the run')));
  }
  items.push(item(t('Compare Runs'), 'compare', run?.id ?? null, t('compare runs')));
  const ids = shown.value;
  if (ids.length)
    items.push({
      label: t('Export a Report'),
      onChoose: () => void ask({ kind: 'report', runs: ids }, t('write the report')),
    });
  return items;
}

const send = (name: PanelCommand, run: string | null, inWords: string): void =>
  void ask({ kind: 'command', command: name, run }, inWords);
