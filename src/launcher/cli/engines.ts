import { installEngine as install } from '../engine-install.ts';
import { type EngineInfo, listEngines } from '../engines.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { print, printJson } from './output.ts';

/** `tandem engines`: what can compute here, and what is missing for the others. */
export async function engines(options: { json?: boolean }, context: Context): Promise<number> {
  const found = await listEngines(context.trainer);
  if (options.json) printJson(found);
  else for (const engine of found) print(line(engine));
  return exitCodes.done;
}

/** `tandem engine install NAME`. */
export async function installEngine(name: string, _options: object, context: Context): Promise<number> {
  await install(name, context.trainer, print);
  return exitCodes.done;
}

function line({ name, works, reason, versions }: EngineInfo): string {
  const details = Object.entries(versions ?? {}).map(([library, version]) => `${library} ${version}`);
  return `${name.padEnd(16)} ${works ? 'works' : 'not here'}  ${[...details, reason ?? ''].filter((text) => text !== '').join('; ')}`;
}
