import { counted, shortNumber } from './numbers.ts';
import { t } from './say.ts';
import { plural } from './words.ts';

/** What computes a run, and what was measured of each provider when its own was chosen. */
interface EngineFacts {
  name: string;
  provider: string | null;
  device: string;
  threads: number;
  measured?: readonly { provider: string; device: string; step_ms: number | null }[] | undefined;
}

/** `onnx on NVIDIA GeForce RTX 4070 (webgpu), 8 threads, 41 ms a step; the processor took 380` */
export function engineText({ name, provider, device, threads, measured = [] }: EngineFacts): string {
  const own = measured.find((one) => one.provider === provider)?.step_ms ?? null;
  const parts = [
    t('{0} on {1}', name, withProvider(device, provider)),
    plural(threads, '{0} thread', '{0} threads'),
    ...(own === null ? [] : [t('{0} ms a step', milliseconds(own))]),
  ];
  const others = measured.flatMap((one) =>
    own === null || one.provider === provider || one.step_ms === null
      ? []
      : [
          one.provider === 'cpu'
            ? t('the processor took {0}', milliseconds(one.step_ms))
            : t('{0} took {1}', withProvider(one.device, one.provider), milliseconds(one.step_ms)),
        ],
  );
  return [parts.join(t(', ')), ...others].join(t('; '));
}

const withProvider = (device: string, provider: string | null): string =>
  provider ? `${device} (${provider})` : device;

const milliseconds = (ms: number): string => (ms < 10 ? shortNumber(ms) : counted(Math.round(ms)));
