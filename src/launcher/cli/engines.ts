import { installEngine as install } from '../engine-install.ts';
import { type EngineInfo, listEngines } from '../engines.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { print, printJson } from './output.ts';
import { plural } from '../../text/words.ts';

/** `tandem engines`: what can compute here, and what is missing for the others. */
export async function engines(options: { json?: boolean }, context: Context): Promise<number> {
  const found = await listEngines(context.trainer);
  if (options.json) printJson(found);
  else {
    for (const engine of found) print(line(engine));
    print('* is what train.engine: auto takes.');
  }
  return exitCodes.done;
}

/** `tandem engine install NAME`. */
export async function installEngine(name: string, _options: object, context: Context): Promise<number> {
  await install(name, context.trainer, print);
  return exitCodes.done;
}

function line({ name, works, provider, device, threads, reason, chosen }: EngineInfo): string {
  const computes = `${device}${provider ? ` (${provider})` : ''}, ${plural(threads ?? 1, '{0} thread', '{0} threads')}`;
  const mark = chosen ? '*' : ' ';
  return `${mark} ${name.padEnd(15)} ${works ? `works: ${computes}` : (reason ?? 'does not work here')}`;
}
