import { relative, resolve } from 'node:path';
import { byteSize } from '../../text/numbers.ts';
import type { Answer } from '../calls.ts';
import { removeSpare, type Spare, spareAround } from '../clean.ts';
import { isAgreed } from './agreed.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { print, printJson } from './output.ts';
import { tableLines } from './table.ts';
import { said, t } from '../../text/say.ts';

/** `tandem clean [FOLDER]`: shows what takes room for nothing, asks, and removes it. */
export async function clean(
  folder: string | undefined,
  options: { yes?: boolean; dryRun?: boolean; json?: boolean },
  context: Context,
): Promise<number> {
  const spare = await spareAround(resolve(context.cwd, folder ?? '.'));
  const bytes = spare.reduce((sum, one) => sum + one.bytes, 0);
  if (!options.json) for (const line of lines(spare, bytes, context.cwd)) print(line);
  const isWanted =
    spare.length > 0 &&
    !options.dryRun &&
    (options.yes === true ||
      (await isAgreed(options, said('With --yes it is removed, with --dry-run only shown.'))));
  if (isWanted) for (const one of spare) await removeSpare(one);
  const answer: Answer<'clean'> = { items: spare, bytes, removed: isWanted };
  if (options.json) printJson(answer);
  else if (spare.length > 0)
    print(isWanted ? t('{0} are free now.', byteSize(bytes)) : t('Nothing was removed.'));
  return exitCodes.done;
}

const words = {
  optimizer: () => t("optimizer's state of a finished run"),
  cache: () => t('decoded images and features, made again when they are needed (tandem cache shows which)'),
};

function* lines(spare: Spare[], bytes: number, cwd: string): Generator<string> {
  if (spare.length === 0) {
    yield t('Nothing here takes room for nothing.');
    return;
  }
  const rows = spare.map(({ kind, dir, bytes: size }) => [
    byteSize(size),
    words[kind](),
    relative(cwd, dir) || dir,
  ]);
  yield* tableLines([t('size'), t('what'), t('where')], rows);
  yield t('{0} together.', byteSize(bytes));
}
