import { installEngine as install } from '../engine-install.ts';
import { type EngineInfo, listEngines } from '../engines.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { print, printJson } from './output.ts';
import { engineText } from '../../text/engine-words.ts';
import { plural } from '../../text/words.ts';
import { t } from '../../text/say.ts';
import { padded } from './table.ts';

/** `tandem engines`: what can compute here, and what is missing for the others. */
export async function engines(options: { json?: boolean }, context: Context): Promise<number> {
  const found = await listEngines(context.trainer);
  if (options.json) printJson(found);
  else {
    for (const engine of found) for (const text of lines(engine)) print(text);
    print(t('* is what train.engine: auto takes.'));
  }
  return exitCodes.done;
}

/** `tandem engine install NAME`. */
export async function installEngine(name: string, _options: object, context: Context): Promise<number> {
  await install(name, context.trainer, print);
  return exitCodes.done;
}

function lines(engine: EngineInfo): string[] {
  const { name, works, provider, device, threads, reason, chosen, providers = [], measured } = engine;
  const where = `${device}${provider ? t(' ({0})', provider) : ''}`;
  const computes = [where, plural(threads ?? 1, '{0} thread', '{0} threads')].join(t(', '));
  const mark = chosen ? '*' : ' ';
  return [
    `${mark} ${padded(name, 15)} ${works ? t('works: {0}', computes) : (reason ?? t('does not work here'))}`,
    ...providers.map(
      ({ provider: own, ...one }) =>
        `    ${padded(own, 13)} ${one.works ? t('works: {0}', one.device!) : (one.reason ?? '')}`,
    ),
    ...(measured ? [`    ${padded(t('measured'), 13)} ${measuredText(engine, measured)}`] : []),
  ];
}

/** `onnx on NVIDIA GeForce RTX 4070 (webgpu), 8 threads, 41 ms a step; the processor took 380 (resnet50 …)` */
function measuredText(
  { name, threads }: EngineInfo,
  { about, timings }: NonNullable<EngineInfo['measured']>,
): string {
  const fastest = timings
    .filter(({ step_ms }) => step_ms !== null)
    .reduce<(typeof timings)[number] | null>(
      (best, one) => (best && best.step_ms! <= one.step_ms! ? best : one),
      null,
    );
  if (!fastest)
    return timings.map(({ provider, reason }) => t('{0}: {1}', provider, reason ?? '–')).join(' ');
  return t('{0} ({1})', engineText({ name, ...fastest, threads: threads ?? 1, measured: timings }), about);
}
