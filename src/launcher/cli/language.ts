import { readFile } from 'node:fs/promises';
import { useTexts, type Texts } from '../../text/say.ts';

/** Texts are in the language that `TANDEM_LANGUAGE` names (as VS Code does, `zh-cn`), else or where there are none in English. */
export async function speakLanguage(code = process.env['TANDEM_LANGUAGE']): Promise<void> {
  if (!code || !/^[a-z]+(-[a-z]+)*$/i.test(code)) return;
  // Beside the folder of the built programs.
  const file = new URL(`../l10n/bundle.l10n.${code.toLowerCase()}.json`, import.meta.url);
  const texts = await readFile(file, 'utf8').catch(() => null);
  if (texts !== null) useTexts(JSON.parse(texts) as Texts, code);
}
