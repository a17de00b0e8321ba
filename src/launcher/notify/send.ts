import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NotifyConfig } from '../../experiment/config.ts';
import { shortened } from '../../text/words.ts';
import type { News } from './news.ts';
import { services, type Webhook } from './payloads.ts';
import { t } from '../../text/say.ts';

/** A webhook or command that takes longer is given up. */
const limitMs = 10_000;
/** A service that was busy or out of reach is asked once more after this time. */
const againMs = 3_000;

export interface Sending {
  /** Where the address is looked for. */
  env: NodeJS.ProcessEnv;
  /** Where commands run. */
  cwd: string;
  limitMs?: number;
  againMs?: number;
}

/** Sends news to all that a run's settings name, in bounded time; answers why it could not, in one line each. Never throws, and never says an address. */
export async function sendNews(news: News, notify: NotifyConfig, sending: Sending): Promise<string[]> {
  const { webhook, command, url_env } = notify;
  const problems = await Promise.all([
    webhook === null ? null : toWebhook(news, webhook, url_env, sending),
    command === null ? null : toCommand(news, command, sending),
  ]);
  return problems.filter((problem) => problem !== null);
}

async function toWebhook(
  news: News,
  webhook: Webhook,
  urlEnv: string,
  { env, limitMs: limit = limitMs, againMs: again = againMs }: Sending,
): Promise<string | null> {
  const address = env[urlEnv]?.trim() ?? '';
  if (address === '')
    return t('No message to {0}: the environment variable {1} is not set.', webhook, urlEnv);
  if (!/^https?:\/\//.test(address) || !URL.canParse(address))
    return t('No message to {0}: {1} does not hold an address that begins with https://.', webhook, urlEnv);
  let attempt = await post(address, news, webhook, limit);
  if (attempt.isWorthAnother) {
    await sleep(again);
    attempt = await post(address, news, webhook, limit);
  }
  return attempt.problem === null ? null : t('No message to {0}: {1}.', webhook, attempt.problem);
}

interface Attempt {
  problem: string | null;
  isWorthAnother: boolean;
}

async function post(address: string, news: News, webhook: Webhook, limit: number): Promise<Attempt> {
  const { payload, refusal } = services[webhook];
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(payload(news)),
      // The address is a secret: it is shown to nobody else.
      redirect: 'error',
      signal: AbortSignal.timeout(limit),
    });
    const answer = await response.text();
    if (!response.ok)
      return {
        problem: t('it answered with status {0}', response.status),
        isWorthAnother: response.status >= 500 || response.status === 429,
      };
    const refused = refusal?.(objectOf(answer)) ?? null;
    return {
      problem: refused === null ? null : t('it refused it ({0})', shortened(refused, 200)),
      isWorthAnother: false,
    };
  } catch (error) {
    return { problem: reasonOf(error, limit), isWorthAnother: true };
  }
}

/** Messages of fetch may hold the address: only the code of what went wrong is said. */
function reasonOf(error: unknown, limit: number): string {
  const { name, cause } = error as Error & { cause?: { code?: unknown } };
  if (name === 'TimeoutError') return t('no answer in {0} s', limit / 1000);
  return typeof cause?.code === 'string'
    ? t('it cannot be reached ({0})', cause.code)
    : t('it cannot be reached');
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // Slack answers "ok".
  }
}

function toCommand(
  news: News,
  command: string,
  { env, cwd, limitMs: limit = limitMs }: Sending,
): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(command, {
      shell: true,
      cwd,
      env: { ...env, TANDEM_MESSAGE: news.text },
      stdio: ['pipe', 'ignore', 'ignore'],
      windowsHide: true,
      // A group of its own, so that what the shell started ends with it.
      detached: process.platform !== 'win32',
    });
    const end = (problem: string | null): void => {
      clearTimeout(timer);
      resolve(problem);
    };
    const timer = setTimeout(() => {
      killGroup(child.pid);
      end(t('The command of notify took longer than {0} s and was ended.', limit / 1000));
    }, limit);
    child.once('error', ({ message }) =>
      end(t('The command of notify could not be started ({0}).', message)),
    );
    child.once('exit', (code, signal) =>
      end(
        code === 0
          ? null
          : t('The command of notify ended with {0}.', signal ?? t('exit code {0}', String(code))),
      ),
    );
    // A command need not read what it is given.
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${JSON.stringify({ ...news.facts, message: news.text })}\n`);
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
