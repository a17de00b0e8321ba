import { createInterface } from 'node:readline';
import { HumanError } from '../protocol/human-error.ts';
import type { ModelLine, ModelRequest } from '../protocol/inference.ts';
import { toJson } from '../protocol/numbers.ts';
import { durationLeft } from '../text/duration-left.ts';
import { handlersOf, type ModelHandlers } from './calls.ts';
import { openFinishedModel } from './finished-model.ts';
import { t } from '../text/say.ts';
import { speakLanguage } from '../store/language.ts';

const usage =
  'inference.js RUN_FOLDER   answers requests about the finished model, one JSON a line; see src/protocol/inference.ts';

/** Progress is told so often at most. */
const progressEveryMs = 100;

/** Answers until standard input ends. What libraries print goes to standard error: standard output holds answers alone. */
async function main([dir]: string[]): Promise<number> {
  if (!dir) {
    console.error(usage);
    return 2;
  }
  console.log = console.error;
  await speakLanguage();
  const handlers = openFinishedModel(dir).then(handlersOf);
  handlers.catch(() => undefined); // told to each request
  const cancels = new Map<number, AbortController>();
  const answers = new Set<Promise<void>>();
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as ModelRequest;
    if ('cancel' in request) {
      cancels.get(request.cancel)?.abort();
      continue;
    }
    const cancel = new AbortController();
    cancels.set(request.id, cancel);
    const done = answer(handlers, request, cancel.signal).finally(() => {
      cancels.delete(request.id);
      answers.delete(done);
    });
    answers.add(done);
  }
  // Who asked is gone or has asked all: what can go on later ends, what is nearly done is said.
  for (const cancel of cancels.values()) cancel.abort();
  await Promise.all(answers);
  return 0;
}

async function answer(
  opening: Promise<ModelHandlers>,
  { id, call, ask }: Exclude<ModelRequest, { cancel: number }>,
  signal: AbortSignal,
): Promise<void> {
  const leftMs = durationLeft();
  let told = -Infinity;
  const onProgress = (done: number, total: number): void => {
    const left = leftMs(done, total);
    if (performance.now() - told < progressEveryMs && done < total) return;
    told = performance.now();
    say({ id, progress: { done, total, leftMs: left } });
  };
  try {
    const handler = (await opening)[call] as (ask: unknown, options: object) => Promise<unknown>;
    say({ id, answer: await handler(ask, { signal, onProgress }) });
  } catch (error) {
    say({ id, error: inWords(error, signal) });
  }
}

function inWords(error: unknown, signal: AbortSignal): { what: string; todo: string; code: string } {
  if (signal.aborted)
    return { what: t('It was cancelled.'), todo: t('Ask again to go on.'), code: 'cancelled' };
  if (error instanceof HumanError) return { what: error.what, todo: error.todo, code: error.code };
  console.error(error);
  return {
    what: t('Something went wrong: {0}.', error instanceof Error ? error.message : String(error)),
    todo: t('This is a fault of Tandem; its output has the whole error.'),
    code: 'bug',
  };
}

const say = (line: ModelLine): void => void process.stdout.write(`${toJson(line)}\n`);

main(process.argv.slice(2)).then(
  (code) => process.exit(code), // native threads would keep the process alive
  (error: unknown) => {
    console.error(error);
    process.exit(3);
  },
);
