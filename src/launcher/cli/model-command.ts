import type { ModelAnswer, ModelAsk, ModelCall, ModelProgress } from '../../protocol/inference.ts';
import { timeLeft } from '../../text/durations.ts';
import { counted, percent } from '../../text/numbers.ts';
import { locateRun } from '../locate.ts';
import { openModelService } from '../model/model-service.ts';
import type { Context } from './context.ts';
import { onInterrupt } from './interrupt.ts';
import { note } from './output.ts';
import { t } from '../../text/say.ts';

/** Asks the model; `doing` names what takes time ("Images indexed"). */
export type AskModel = <Call extends ModelCall>(
  call: Call,
  ask: ModelAsk<Call>,
  doing: string,
) => Promise<ModelAnswer<Call>>;

/** Opens the model of a run for the questions of one command. Ctrl-C cancels what goes on; what was computed is kept. */
export async function askModel<Result>(
  run: string,
  context: Context,
  work: (ask: AskModel) => Promise<Result>,
): Promise<Result> {
  const service = openModelService(context.trainer, await locateRun(run, context.cwd));
  const cancel = new AbortController();
  const off = onInterrupt(
    () => cancel.abort(),
    () => service.close(),
  );
  const ask: AskModel = (call, asked, doing) => {
    const show = progressLine(doing);
    return service.ask(call, asked, { signal: cancel.signal, onProgress: show.update }).finally(show.end);
  };
  try {
    return await work(ask);
  } finally {
    off();
    service.close();
  }
}

/** Time between two lines where they stay. */
const lineEveryMs = 5_000;

/** One line on a terminal that is written over; elsewhere a line now and then. */
function progressLine(doing: string): { update: (progress: ModelProgress) => void; end: () => void } {
  const isTerminal = process.stderr.isTTY;
  let isShown = false;
  let last = performance.now();
  return {
    update({ done, total, leftMs }) {
      if (doing === '' || total === 0) return;
      const left = leftMs === null ? [] : [timeLeft(leftMs)];
      const share = [percent(done / total), ...left].join(t(', '));
      const text = t('{0}: {1} of {2} ({3})', doing, counted(done), counted(total), share);
      if (isTerminal) {
        process.stderr.write(`\r\u001b[K${text}`);
        isShown = true;
      } else if (performance.now() - last >= lineEveryMs) {
        last = performance.now();
        note(text);
      }
    },
    end() {
      if (isShown) process.stderr.write('\r\u001b[K');
    },
  };
}
