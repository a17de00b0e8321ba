import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Provider } from '../../onnx-backend/session.ts';
import type { ProviderTiming } from '../engines/provider-timing.ts';
import type { TimingMessage } from './time-steps.ts';
import { t } from '../../text/say.ts';

/** A provider has this long for its first steps, the compilation of a device's programs included; less than a heartbeat's limit. */
const limitMs = { cpu: 30_000, webgpu: 45_000, cuda: 45_000 };

/**
 * Times a provider in a process of its own, which `program` (its file and first arguments) starts: a process has one provider at a time,
 * and a driver that crashes ends no run. Fails with the reason of `signal` when that calls it off.
 */
export async function timeInChild(
  program: readonly string[],
  provider: Provider,
  signal: AbortSignal,
  limit = limitMs[provider],
): Promise<ProviderTiming> {
  signal.throwIfAborted();
  // Its end is also that of whoever started it: then its standard input closes.
  const child = spawn(process.execPath, [...program, provider], { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors = (errors + data.toString()).slice(-4000)));
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, limit);
  const stop = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, by) =>
      resolve(
        t(
          'its process ended with {0}: {1}',
          by ?? t('code {0}', String(code)),
          errors.trim().split('\n').at(-1) || t('it said nothing'),
        ),
      ),
    );
  });
  let device: Extract<TimingMessage, { kind: 'device' }> | null = null;
  let failure: string | null = null;
  const steps: number[] = [];
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const message = parsed(line);
      if (message?.kind === 'device') device = message;
      if (message?.kind === 'step') steps.push(message.ms);
      if (message?.kind === 'failed') failure = message.reason;
    }
    const end = await ended;
    signal.throwIfAborted();
    const name = device?.name ?? provider;
    const without = (reason: string): ProviderTiming => ({ provider, device: name, step_ms: null, reason });
    if (device?.isSoftware)
      return without(t('a driver in software, which is slower than the processor itself.'));
    if (failure) return without(failure);
    if (steps.length > 0) return { provider, device: name, step_ms: median(steps), reason: null };
    return without(isLate ? t('no step within {0} s.', limit / 1000) : `${end.replace(/\.$/, '')}.`);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    child.kill('SIGKILL');
  }
}

/** What native libraries print between the lines is passed over. */
function parsed(line: string): TimingMessage | null {
  try {
    const message = JSON.parse(line) as TimingMessage | null;
    return message && typeof message === 'object' && 'kind' in message ? message : null;
  } catch {
    return null;
  }
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
