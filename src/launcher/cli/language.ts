import { speakLanguage } from '../../store/language.ts';

/**
 * Speaks the language of who called the command line, and has what it starts do the same: what `--language` or TANDEM_LANGUAGE names, else
 * the terminal's. A document for programs (`--json`) does not depend on the terminal it was asked for in.
 */
export async function speakAsAsked(args: readonly string[], env = process.env): Promise<void> {
  const asked = optionOf(args) ?? env['TANDEM_LANGUAGE'];
  env['TANDEM_LANGUAGE'] = asked || (args.includes('--json') ? 'en' : localeLanguage(env));
  await speakLanguage(env['TANDEM_LANGUAGE']);
}

/** Help is written before the options are read, so this one is looked for first. */
function optionOf(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => /^--language(=|$)/.test(arg));
  return at < 0 ? undefined : (args[at]!.split('=')[1] ?? args[at + 1]);
}

/**
 * The language of a terminal's messages, as POSIX has it: the first of LC_ALL, LC_MESSAGES and LANG that is not empty. Where that is a
 * language at all, the list in LANGUAGE goes before it (gettext).
 */
export function localeLanguage(env: Readonly<Record<string, string | undefined>>): 'zh-cn' | 'en' {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || 'C';
  const isOfNoLanguage = locale === 'C' || locale === 'POSIX';
  // We write UTF-8: a terminal that reads anything else would show other signs.
  const codeset = /\.([^@]+)/.exec(locale)?.[1];
  if (isOfNoLanguage || (codeset !== undefined && !/^utf-?8$/i.test(codeset))) return 'en';
  const wanted = [...(env['LANGUAGE'] ?? '').split(':').filter(Boolean), locale];
  return wanted.map(spoken).find((code) => code !== null) ?? 'en';
}

/** Which of the languages that there are texts in a locale's name stands for. Taiwan and Hong Kong read other characters. */
function spoken(locale: string): 'zh-cn' | 'en' | null {
  const name = locale
    .replace(/[.@].*/, '')
    .replaceAll('-', '_')
    .toLowerCase();
  if (/^zh(_hans)?(_(cn|sg|my))?$/.test(name)) return 'zh-cn';
  return /^en(_|$)/.test(name) ? 'en' : null;
}
