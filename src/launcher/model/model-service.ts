import { spawn, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { HumanError } from '../../protocol/human-error.ts';
import type { ModelAnswer, ModelAsk, ModelCall, ModelLine, ModelProgress } from '../../protocol/inference.ts';
import { t } from '../../text/say.ts';
import { trainerEnvironment, type TrainerProgram } from '../trainer-program.ts';
import { notStarted } from './not-started.ts';

export interface AskOptions {
  /** Aborted: the promise rejects with `cancelled`, and what can go on later is left so. */
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: ModelProgress) => void) | undefined;
}

/** A finished model in a process of its own, which keeps it ready between questions. */
export interface ModelService {
  /** Rejects with a HumanError. */
  ask<Call extends ModelCall>(
    call: Call,
    ask: ModelAsk<Call>,
    options?: AskOptions,
  ): Promise<ModelAnswer<Call>>;
  /** Whether it can be asked no more: closed, or its process ended. */
  readonly isClosed: boolean;
  /** Lets it end. */
  close(): void;
  /** Ends it at once, whatever it does: for what cannot stop in the middle. */
  kill(): void;
}

interface Asked {
  resolve(answer: unknown): void;
  reject(error: HumanError): void;
  onProgress: AskOptions['onProgress'];
}

/** Starts the program that holds models, which lies beside the trainer, for the run in a folder. */
export function openModelService(program: TrainerProgram, runDir: string): ModelService {
  const file = join(dirname(program.trainerFile), 'inference.js');
  const child = spawn(program.nodePath, [file, runDir], {
    env: trainerEnvironment(program),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const asked = new Map<number, Asked>();
  let said = '';
  let isClosed = false;
  let lastId = 0;

  const failAll = (error: HumanError): void => {
    isClosed = true;
    for (const one of asked.values()) one.reject(error);
    asked.clear();
  };
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify(message)}\n`);
  // Its end is told by the process's own.
  child.stdin.on('error', () => undefined);
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-mostSaid)));
  child.once('error', (error) => failAll(notStarted(program.nodePath, error)));
  child.once('close', () => failAll(ended(child, said)));
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as ModelLine;
    const one = asked.get(line.id);
    if (!one) return;
    if ('progress' in line) return one.onProgress?.(line.progress);
    asked.delete(line.id);
    if ('answer' in line) one.resolve(line.answer);
    else one.reject(new HumanError(line.error.what, line.error.todo, line.error.code));
  });

  return {
    get isClosed() {
      return isClosed;
    },
    ask<Call extends ModelCall>(call: Call, ask: ModelAsk<Call>, { signal, onProgress }: AskOptions = {}) {
      const id = ++lastId;
      const cancel = (): void => send({ cancel: id });
      const answer = new Promise<unknown>((resolve, reject) => {
        if (isClosed) return reject(ended(child, said));
        asked.set(id, { resolve, reject, onProgress });
        send({ id, call, ask });
        if (signal?.aborted) cancel();
        else signal?.addEventListener('abort', cancel, { once: true });
      });
      return answer.finally(() => signal?.removeEventListener('abort', cancel)) as Promise<ModelAnswer<Call>>;
    },
    close() {
      isClosed = true;
      child.stdin.end();
    },
    kill() {
      isClosed = true;
      child.kill('SIGKILL');
    },
  };
}

/** Letters of its standard error that are kept for saying why it ended. */
const mostSaid = 4_000;

function ended({ exitCode, signalCode }: ChildProcess, said: string): HumanError {
  const last = said.trim().split('\n').at(-1) ?? '';
  const how = signalCode ?? (exitCode === null ? '' : t('exit code {0}', exitCode));
  return new HumanError(
    t('The program that holds the model ended ({0}).', [how, last].filter(Boolean).join(': ')),
    t('Try again; if it stays so, the model may be too large for this computer’s memory.'),
    'model_ended',
  );
}
