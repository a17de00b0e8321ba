import { readFile } from 'node:fs/promises';
import { useTexts, type Texts } from '../text/say.ts';

/**
 * Takes the texts of a language (`zh-cn`, as VS Code calls it) for a built program; where it has none, English stays. Without a code that
 * of `TANDEM_LANGUAGE`, by which a program says to those that it starts what its reader speaks.
 */
export async function speakLanguage(code = process.env['TANDEM_LANGUAGE']): Promise<void> {
  if (!code || !/^[a-z]+(-[a-z]+)*$/i.test(code)) return;
  // Beside the folder of the built programs.
  const file = new URL(`../l10n/bundle.l10n.${code.toLowerCase()}.json`, import.meta.url);
  const texts = await readFile(file, 'utf8').catch(() => null);
  if (texts !== null) useTexts(JSON.parse(texts) as Texts, code.toLowerCase());
}
