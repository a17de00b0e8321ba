import { resolve } from 'node:path';
import type { Answer } from '../calls.ts';
import { readExperimentText } from '../experiment-text.ts';
import { previewOf } from '../preview.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { print, printJson } from './output.ts';
import { textFromStdin } from './stdin.ts';
import { t } from '../../text/say.ts';

/** `tandem preview F`: captions as the model reads them; with `--json` the images too. */
export async function preview(
  name: string,
  options: { index: number; epoch: number; count: number; stdin?: boolean; json?: boolean },
  context: Context,
): Promise<number> {
  const file = resolve(context.cwd, name);
  const text = options.stdin ? await textFromStdin() : await readExperimentText(file);
  const found: Answer<'preview'> = await previewOf(file, text, options);
  if (options.json) printJson(found);
  else if (found.problem !== null) print(found.problem);
  else
    for (const { index, tokens, augmentation } of found.items)
      print(t('{0}: {1} ({2})', index, tokens.map((token) => token.text).join(' '), augmentation));
  return found.problem === null ? exitCodes.done : exitCodes.problems;
}
