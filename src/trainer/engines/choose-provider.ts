import type { Provider } from '../../onnx-backend/session.ts';
import { shortNumber } from '../../text/numbers.ts';
import type { ProviderTiming } from './provider-timing.ts';
import { rememberChoice, rememberedChoice } from './remembered-choices.ts';
import { t } from '../../text/say.ts';

/** What is measured, and how. */
export interface Measurement {
  /** From `choiceKey`. */
  key: string;
  /** The model and its batch, for people. */
  about: string;
  /** Takes a few real steps and times them, or says why not. Fails when it is called off. */
  time(provider: Provider): Promise<ProviderTiming>;
  /** Called before each is timed. */
  announce(provider: Provider, done: number, total: number): Promise<void>;
}

export interface ProviderChoice {
  provider: Provider;
  timings: ProviderTiming[];
  /** One sentence. */
  why: string;
}

/**
 * The fastest of the providers and the processor: as remembered for the model's sizes, else measured now and remembered. The processor comes
 * last and is timed only when another works, since it is taken anyway when none does.
 */
export async function chooseProvider(
  candidates: readonly Provider[],
  measurement: Measurement,
): Promise<ProviderChoice> {
  const { key, about } = measurement;
  const remembered = await rememberedChoice(key);
  if (remembered) return choiceOf(remembered.timings);
  const timings: ProviderTiming[] = [];
  for (const provider of [...candidates, 'cpu'] as const) {
    if (provider === 'cpu' && timings.every(({ step_ms }) => step_ms === null)) break;
    await measurement.announce(provider, timings.length, candidates.length + 1);
    const timing = await measurement.time(provider);
    console.log(timingLine(timing));
    timings.push(timing);
  }
  await rememberChoice(key, { time: Date.now(), about, timings }).catch((error: unknown) =>
    console.error('What was measured could not be kept for the next run:', error),
  );
  return choiceOf(timings);
}

function choiceOf(timings: ProviderTiming[]): ProviderChoice {
  const figures = timings.filter(({ step_ms }) => step_ms !== null);
  const fastest = figures.reduce<ProviderTiming | null>(
    (best, timing) => (best && best.step_ms! <= timing.step_ms! ? best : timing),
    null,
  );
  const failures = timings.filter(({ step_ms }) => step_ms === null).map(timingLine);
  const why = fastest
    ? [t('{0} is the fastest here for this model.', fastest.provider), ...failures]
    : [t('Only the processor computes here.'), ...failures];
  return { provider: fastest?.provider ?? 'cpu', timings, why: why.join(' ') };
}

/** `webgpu on NVIDIA GeForce RTX 4070: 41 ms a step.` */
const timingLine = ({ provider, device, step_ms, reason }: ProviderTiming): string =>
  step_ms === null
    ? t('{0} on {1}: {2}', provider, device, reason ?? '–')
    : t('{0} on {1}: {2} ms a step.', provider, device, shortNumber(step_ms));
