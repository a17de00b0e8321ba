import { readFile } from 'node:fs/promises';
import { HumanError } from '../../protocol/human-error.ts';
import { t } from '../../text/say.ts';
import { isMissing } from '../../text/system-errors.ts';

/** Lines of a list such as labels or templates, without blank ones. */
export async function textLines(file: string): Promise<string[]> {
  try {
    const text = (await readFile(file, 'utf8')).replace(/^\ufeff/, '');
    return text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new HumanError(t('{0} was not found.', file), t('Check the path.'), 'file_not_found');
  }
}
