import { createInterface } from 'node:readline/promises';
import { HumanError } from '../../protocol/human-error.ts';
import { said, t, type Said } from '../../text/say.ts';

/** Asks on a terminal whether what was shown may be removed; elsewhere somebody has to have said so. */
export async function isAgreed({ json }: { json?: boolean }, todo: Said): Promise<boolean> {
  if (json || !process.stdin.isTTY)
    throw new HumanError(said('Nothing was removed, since nobody could be asked.'), todo, 'usage');
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await asking.question(t('Remove these? [y/N] '))).trim());
  } finally {
    asking.close();
  }
}
