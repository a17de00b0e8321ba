import { execFile } from 'node:child_process';
import type { Provider } from '../../onnx-backend/session.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { createEngine } from './pick.ts';
import { providerDevice } from './provider-device.ts';
import { hasCudaLibraries, providersHere } from './providers-here.ts';
import { t } from '../../text/say.ts';

/** Whether a provider of the onnx engine computes on a device of this machine. */
export interface ProviderListing {
  provider: Provider;
  works: boolean;
  /** null when it does not work. */
  device: string | null;
  /** Why it does not work and what to do; null when it does. */
  reason: string | null;
}

/** A driver that has not answered by then hangs. */
const limitMs = 20_000;

/** The providers beside the processor's. `tryOut` computes a little with one, in a process of its own: a driver may crash. */
export async function listProviders(
  tryOut: (provider: Provider) => Promise<ProviderListing>,
): Promise<ProviderListing[]> {
  const { candidates, passed } = providersHere();
  const unless = (provider: Provider, reason: string): Promise<ProviderListing> =>
    candidates.includes(provider)
      ? tryOut(provider)
      : Promise.resolve({ provider, works: false, device: null, reason });
  const noDevice = t(
    'This machine shows no graphics device. Install its driver, or let the processor compute.',
  );
  return [
    await unless('webgpu', passed[0] ?? noDevice),
    await unless(
      'cuda',
      hasCudaLibraries()
        ? t('This machine shows no NVIDIA device. Install its driver, or let the processor compute.')
        : t(
            'Its libraries are not installed. Run "tandem engine install onnx_cuda" on a machine with an NVIDIA GPU.',
          ),
    ),
  ];
}

/** In this process; what is not foreseen is thrown. */
export async function tryProvider(provider: Provider): Promise<ProviderListing> {
  try {
    const engine = await createEngine('onnx', { engine: 'onnx', provider, threads: 1 }, t('It is tried.'));
    const { name, isSoftware } = await providerDevice(provider);
    engine.dispose();
    return isSoftware
      ? {
          provider,
          works: false,
          device: null,
          reason: t('It computes on {0}, slower than the processor itself.', name),
        }
      : { provider, works: true, device: name, reason: null };
  } catch (error) {
    if (!(error instanceof HumanError)) throw error;
    return { provider, works: false, device: null, reason: error.message };
  }
}

/** The same in a process that `program` (its file and first arguments) starts. */
export function tryInChild(program: readonly string[], provider: Provider): Promise<ProviderListing> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...program, provider],
      { timeout: limitMs, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        const last = stdout.trim().split('\n').at(-1) ?? '';
        if (!error) return resolve(JSON.parse(last) as ProviderListing);
        const how = error.killed
          ? t('Its driver hung for {0} s', limitMs / 1000)
          : t('Its driver crashed ({0})', String(error.signal ?? error.code));
        const said = stderr.trim().split('\n').at(-1);
        const reason = t(
          '{0}. Install another version of the driver, or set train.provider to cpu.',
          said ? t('{0}: {1}', how, said) : how,
        );
        resolve({ provider, works: false, device: null, reason });
      },
    );
  });
}
