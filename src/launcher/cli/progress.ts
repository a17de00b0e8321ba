import { MultiBar, type SingleBar } from 'cli-progress';
import { findingText } from '../../analysis/finding-text.ts';
import { withChance } from '../../analysis/metric-words.ts';
import { preparingText } from '../../analysis/preparing-text.ts';
import type { PreparingEvent, RunEvent, StartedEvent } from '../../protocol/events.ts';
import { recallK, trainLoss, valLoss } from '../../protocol/metrics.ts';
import { paceOf } from '../../protocol/pace.ts';
import type { RunState } from '../../protocol/state.ts';
import { lastValue } from '../../protocol/summary.ts';
import { printable } from './output.ts';
import { engineText } from '../../text/engine-words.ts';
import { shortNumber } from '../../text/numbers.ts';
import { timeLeft } from '../../text/durations.ts';
import { t } from '../../text/say.ts';
import { branchName } from '../../text/settings.ts';

/** Shows a run while it trains. */
export interface Progress {
  /** Called with new events and the state they led to. */
  update(events: RunEvent[], state: RunState): void;
  /** Says something that stays on the screen. */
  say(line: string): void;
  close(): void;
}

/** A bar on a terminal; plain lines, not too many, anywhere else or when asked for. */
export function openProgress(
  label: string,
  stream: NodeJS.WriteStream,
  { plain = false }: { plain?: boolean } = {},
): Progress {
  return stream.isTTY && !plain ? progressBar(label, stream) : progressLines(label, stream);
}

function progressBar(label: string, stream: NodeJS.WriteStream): Progress {
  const bars = new MultiBar({
    stream,
    format: [
      '{label} {bar} {percentage}%',
      t('step {0}/{1}', '{value}', '{total}'),
      t('loss {0}', '{loss}'),
      t('{0} pairs/s', '{rate}'),
      '{left}',
    ].join(' | '),
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: false,
    // Ctrl-C belongs to the command, which lets the trainer save first.
    gracefulExit: false,
    autopadding: false,
  });
  let bar: SingleBar | null = null;
  let preparing: SingleBar | null = null;
  let isOpen = true;
  const say = (line: string): void => {
    bars.log(`${printable(line)}\n`);
    bars.update();
  };
  /** A bar of its own, which goes when the steps begin. */
  const showPreparing = (event: PreparingEvent | null): void => {
    if (event && preparing && preparing.getTotal() === event.total)
      preparing.update(event.done, { label: preparingText(event) });
    else {
      if (preparing) bars.remove(preparing);
      preparing =
        event &&
        bars.create(event.total, event.done, { label: preparingText(event) }, { format: '{label} {bar}' });
    }
  };
  return {
    say,
    update(events, state) {
      for (const line of events.flatMap((event) => messagesOf(event))) say(line);
      showPreparing(state.preparing);
      if (!state.started) return;
      const { pairsPerS, leftMs } = paceOf(state);
      const shown = {
        label,
        loss: shortNumber(lastValue(trainLoss, state)),
        rate: shortNumber(pairsPerS),
        left: leftMs === null ? '–' : timeLeft(leftMs),
      };
      bar ??= bars.create(state.started.steps, state.step, shown);
      bar.update(state.step, shown);
    },
    close() {
      // Stopping twice would move the cursor twice.
      if (isOpen) bars.stop();
      isOpen = false;
    },
  };
}

/** Time between two plain lines about steps. */
const lineEveryMs = 5000;

function progressLines(label: string, stream: NodeJS.WriteStream): Progress {
  let lastLine = -Infinity;
  let lastStep = -1;
  let lastPreparing = '';
  const say = (line: string): void => void stream.write(`${printable(t('{0}: {1}', label, line))}\n`);
  return {
    say,
    update(events, state) {
      for (const event of events) {
        if (event.kind === 'step') continue;
        for (const line of messagesOf(event)) say(line);
      }
      const preparing = state.preparing ? preparingText(state.preparing) : '';
      if (preparing !== lastPreparing && preparing && performance.now() - lastLine >= lineEveryMs) {
        lastLine = performance.now();
        say((lastPreparing = preparing));
      }
      const isDue = performance.now() - lastLine >= lineEveryMs || state.step === state.started?.steps;
      const loss = lastValue(trainLoss, state);
      if (!state.started || !isDue || state.step === lastStep || loss === undefined) return;
      lastLine = performance.now();
      lastStep = state.step;
      const { pairsPerS, leftMs } = paceOf(state);
      const parts = [t('step {0}/{1}', state.step, state.started.steps), t('loss {0}', shortNumber(loss))];
      if (pairsPerS !== null) parts.push(t('{0} pairs/s', shortNumber(pairsPerS)));
      if (leftMs !== null) parts.push(timeLeft(leftMs));
      say(parts.join(t(', ')));
    },
    close() {
      lastLine = Infinity;
    },
  };
}

const beginning = (event: StartedEvent): string =>
  t(
    '{0} pairs to train on, {1} to validate on, engine {2}',
    event.train_pairs,
    event.val_pairs,
    engineText({ ...event, name: event.engine }),
  );

/** What a person should read about an event, beside the bar. */
function messagesOf(event: RunEvent): string[] {
  switch (event.kind) {
    case 'started':
      return [
        event.step > 0
          ? t('resumed at step {0}: {1}', event.step, beginning(event))
          : t('started: {0}', beginning(event)),
      ];
    case 'eval':
      return [
        t(
          'step {0}: {1}',
          event.step,
          Object.entries(event.metrics)
            .filter(([name]) => name === valLoss || recallK(name) !== null)
            .map(([name, value]) => `${name} ${withChance(shortNumber(value), event.chance?.[name])}`)
            .join(t(', ')),
        ),
      ];
    case 'skipped':
      return [
        t(
          'step {0}: update skipped, the gradient of the {1} branch is not finite',
          event.step,
          branchName(event.branch),
        ),
      ];
    case 'note':
      return event.severity === 'warning' ? [event.message] : [];
    case 'finding':
      return event.severity === 'info' ? [] : [findingText(event)];
    default:
      return [];
  }
}
