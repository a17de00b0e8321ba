import { differenceOf } from '../../analysis/run-difference.ts';
import { plural } from '../../text/words.ts';
import { readView } from '../run-view.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { print, printJson } from './output.ts';
import { tableLines } from './table.ts';
import { t } from '../../text/say.ts';

/** `tandem diff A B`: settings, data, code version, environment and results of two runs side by side. */
export async function diff(
  first: string,
  second: string,
  options: { json?: boolean },
  context: Context,
): Promise<number> {
  const [a, b] = [await readView(first, context.cwd), await readView(second, context.cwd)];
  const sections = differenceOf(a, b);
  if (options.json) {
    printJson({ a: a.file?.id ?? a.id, b: b.file?.id ?? b.id, sections });
    return exitCodes.done;
  }
  for (const { title, rows, same } of sections) {
    if (!rows.length && !same) continue;
    const rest = same ? plural(same, '{0} is the same', '{0} are the same') : '';
    const what = rows.length ? rest : t('nothing differs, {0}', rest);
    print(rest ? t('{0}: {1}', title, what) : title);
    const named = rows.map((row) => [row.name, row.a, row.b]);
    if (rows.length)
      for (const line of tableLines(['', a.file?.id ?? a.label, b.file?.id ?? b.label], named))
        print(`  ${line}`);
  }
  return exitCodes.done;
}
