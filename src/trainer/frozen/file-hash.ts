import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { HumanError } from '../../protocol/human-error.ts';
import { systemError } from '../../text/system-errors.ts';
import { said } from '../../text/say.ts';

/** One hash of what files hold, in their order: about a second a GB. */
export async function fileHash(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files)
    try {
      for await (const part of createReadStream(file, { highWaterMark: 1 << 20 }))
        hash.update(part as Buffer);
    } catch (error) {
      const meaning = systemError(error);
      throw meaning
        ? new HumanError(said('{0} cannot be read: {1}.', file, meaning.reason), meaning.todo, meaning.code)
        : error;
    }
  return hash.digest('hex');
}
