import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HumanError } from '../../protocol/human-error.ts';
import { isMissing, systemError } from '../../text/system-errors.ts';
import { machineFault } from '../machine-fault.ts';
import { said, t } from '../../text/say.ts';

/**
 * The tokens of a BERT vocabulary by their ids, one a line. As transformers does, a blank line takes an id too, since the weights count it;
 * those at the end, which an editor leaves, do not. A byte order mark is no part of the first token.
 */
export async function readVocabulary(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw (
      machineFault(error, said('The vocabulary {0} cannot be read', file)) ??
      new HumanError(
        said(
          'The vocabulary {0} cannot be read: {1}.',
          file,
          systemError(error)?.reason ?? (error as Error).message,
        ),
        said('A text encoder is a folder with vocab.txt.'),
        'bad_vocabulary',
      )
    );
  });
  const lines = withoutMark(text)
    .split('\n')
    .map((line) => line.replace(/\r$/, ''));
  while (lines.at(-1)?.trim() === '') lines.pop();
  return lines;
}

export interface TokenizerSettings {
  do_lower_case?: boolean;
  strip_accents?: boolean | null;
  tokenize_chinese_chars?: boolean;
}

/** What `tokenizer_config.json` beside a vocabulary says; nothing when there is none or it is empty. */
export async function readTokenizerSettings(vocabFile: string): Promise<TokenizerSettings> {
  const file = join(dirname(vocabFile), 'tokenizer_config.json');
  try {
    const text = withoutMark(await readFile(file, 'utf8')).trim();
    return text === '' ? {} : settingsOf(JSON.parse(text) as unknown);
  } catch (error) {
    if (isMissing(error)) return {};
    throw (
      machineFault(error, said('{0} cannot be read', file)) ??
      new HumanError(
        said('{0} cannot be read: {1}.', file, systemError(error)?.reason ?? (error as Error).message),
        said('Download it again, or delete it: without it the vocabulary is taken for a lower-case one.'),
        'bad_vocabulary',
      )
    );
  }
}

function settingsOf(json: unknown): TokenizerSettings {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new Error(t('it is JSON, but no object'));
  const { do_lower_case, strip_accents, tokenize_chinese_chars } = json as Record<string, unknown>;
  return {
    ...(typeof do_lower_case === 'boolean' && { do_lower_case }),
    ...(typeof strip_accents === 'boolean' && { strip_accents }),
    ...(typeof tokenize_chinese_chars === 'boolean' && { tokenize_chinese_chars }),
  };
}

const withoutMark = (text: string): string => text.replace(/^\ufeff/, '');
