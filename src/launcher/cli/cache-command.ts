import { relative, resolve } from 'node:path';
import { cachesAround, removeCache, type CacheItem } from '../caches.ts';
import { duration } from '../../text/durations.ts';
import { byteSize } from '../../text/numbers.ts';
import { isAgreed } from './agreed.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { print, printJson } from './output.ts';
import { tableLines } from './table.ts';
import { said, t } from '../../text/say.ts';

interface Options {
  clear?: boolean;
  olderThan?: number;
  models?: boolean;
  yes?: boolean;
  json?: boolean;
}

/** `tandem cache [FOLDER]`: what is kept so that it need not be made again, and with `--clear` what of it is removed after asking. */
export async function cache(folder: string | undefined, options: Options, context: Context): Promise<number> {
  const now = Date.now();
  const items = await cachesAround(resolve(context.cwd, folder ?? '.'));
  const chosen = options.clear ? items.filter((item) => isChosen(item, options, now)) : [];
  const shown = options.clear ? chosen : items;
  if (!options.json) for (const line of lines(shown, options, now, context.cwd)) print(line);
  const isWanted =
    chosen.length > 0 &&
    (options.yes === true ||
      (await isAgreed(options, said('With --yes it is removed, without --clear only shown.'))));
  if (isWanted) for (const item of chosen) await removeCache(item);
  const bytes = sum(shown);
  if (options.json) printJson({ items: shown, bytes, removed: isWanted });
  else if (chosen.length > 0)
    print(isWanted ? t('{0} are free now.', byteSize(bytes)) : t('Nothing was removed.'));
  return exitCodes.done;
}

/** Models of the hub are shared with other programs, so they go only where that is said. */
function isChosen(
  { kind, last_used: lastUsed, in_use: inUse }: CacheItem,
  options: Options,
  now: number,
): boolean {
  if (inUse || (kind === 'model' && !options.models)) return false;
  return options.olderThan === undefined || now - lastUsed >= options.olderThan;
}

const words: Record<CacheItem['kind'], () => string> = {
  images: () => t('decoded images'),
  features: () => t('features'),
  index: () => t('index to search'),
  model: () => t('model of the hub'),
};

function* lines(items: CacheItem[], { clear }: Options, now: number, cwd: string): Generator<string> {
  if (items.length === 0) {
    yield clear
      ? t('Nothing is kept that these rules would remove.')
      : t('Nothing is kept for the runs here.');
    return;
  }
  const rows = items.map((item) => [
    byteSize(item.bytes),
    words[item.kind](),
    item.of,
    item.in_use ? t('now') : t('{0} ago', duration(Math.max(0, now - item.last_used))),
    item.experiments.join(', ') || '–',
    shortPath(item.dir, cwd),
  ]);
  yield* tableLines([t('size'), t('what'), t('of'), t('last used'), t('experiments'), t('where')], rows);
  const together = t('{0} together.', byteSize(sum(items)));
  yield clear
    ? together
    : t(
        '{0} tandem cache --clear removes them after asking; models of the hub only with --models.',
        together,
      );
}

const sum = (items: CacheItem[]): number => items.reduce((total, { bytes }) => total + bytes, 0);

/** From here, unless that leads far up. */
function shortPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short || '.';
}
