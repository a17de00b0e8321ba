import { resolve } from 'node:path';
import { HumanError } from '../../protocol/human-error.ts';
import type { OtherEvaluation } from '../../protocol/evaluation.ts';
import { counted, percent } from '../../text/numbers.ts';
import { plural } from '../../text/words.ts';
import { textLines } from '../model/text-lines.ts';
import type { Context } from './context.ts';
import { evaluationLines } from './evaluation-lines.ts';
import { exitCodes } from './exit-codes.ts';
import { askModel } from './model-command.ts';
import { print, printJson } from './output.ts';
import { tableLines } from './table.ts';
import { said, t } from '../../text/say.ts';

interface EvalOptions {
  data: string;
  zeroShot?: string;
  templates?: string;
  imageColumn?: string;
  captionColumn?: string;
  imageRoot?: string;
  json?: boolean;
}

/** `tandem eval RUN --data F`: recall on other pairs, or with `--zero-shot` how many images get their label. Kept in the run folder. */
export async function evalRun(run: string, options: EvalOptions, context: Context): Promise<number> {
  const at = (path: string): string => resolve(context.cwd, path);
  const ask = {
    data: at(options.data),
    image_column: options.imageColumn,
    caption_column: options.captionColumn,
    image_root: options.imageRoot === undefined ? undefined : at(options.imageRoot),
  };
  if (options.zeroShot === undefined && options.templates !== undefined)
    throw new HumanError(
      said('Templates are for labels.'),
      said('Name a file of labels with --zero-shot, or leave --templates out.'),
      'usage',
    );
  const labels = options.zeroShot === undefined ? null : await textLines(at(options.zeroShot));
  const templates = options.templates === undefined ? ['{}'] : await textLines(at(options.templates));
  const found = await askModel(run, context, (asked) =>
    labels === null
      ? asked('measure', ask, t('Evaluated'))
      : asked('zeroShot', { ...ask, labels, templates }, t('Evaluated')),
  );
  if (options.json) printJson(found);
  else for (const line of lines(found, context.cwd)) print(line);
  return exitCodes.done;
}

/** Confusions that are listed. */
const mostListed = 10;

function* lines(found: OtherEvaluation, cwd: string): Generator<string> {
  yield* evaluationLines([found], cwd);
  const { labels, confusion } = found;
  if (!labels || !confusion) return;
  const wrong = confusion.filter(([label, taken]) => label !== taken).sort((a, b) => b[2] - a[2]);
  if (wrong.length === 0) return;
  const ofLabel = (at: number): number =>
    confusion.reduce((sum, [label, , images]) => (label === at ? sum + images : sum), 0);
  yield '';
  yield* tableLines(
    [t('label'), t('taken for'), t('images'), t('share')],
    wrong
      .slice(0, mostListed)
      .map(([label, taken, images]) => [
        labels[label]!,
        labels[taken]!,
        counted(images),
        percent(images / ofLabel(label)),
      ]),
  );
  if (wrong.length > mostListed)
    yield t(
      '{0}: --json has all.',
      plural(wrong.length - mostListed, '{0} more confusion', '{0} more confusions'),
    );
}
