import { readFile, stat } from 'node:fs/promises';
import { HumanError } from '../protocol/human-error.ts';
import { lookAtFirstBytes } from '../text/first-bytes.ts';
import { byteSize } from '../text/numbers.ts';
import { isMissing, systemError } from '../text/system-errors.ts';
import { said, t, textOf } from '../text/say.ts';

/** The text of an experiment file. Throws HumanError `no_such_file` for whatever is none. */
export async function readExperimentText(path: string): Promise<string> {
  const unusable = (what: string): HumanError =>
    new HumanError(
      what,
      said('Give the path of an experiment file, such as emoji.tandem.yaml.'),
      'no_such_file',
    );
  let bytes: Buffer;
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw unusable(t('{0} is a folder.', path));
    if (!found.isFile()) throw unusable(t('{0} is not a file.', path));
    if (found.size > largestFile) throw unusable(t('{0} is larger than {1}.', path, byteSize(largestFile)));
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof HumanError) throw error;
    throw unusable(
      isMissing(error)
        ? t('There is no file {0}.', path)
        : t('{0} cannot be read: {1}.', path, textOf(systemError(error)?.reason ?? String(error))),
    );
  }
  const other = lookAtFirstBytes(bytes);
  // An empty experiment is an experiment: what it lacks is marked in it.
  if (other && other.kind !== 'empty')
    throw new HumanError(said('{0} is {1}.', path, other.what), other.todo, 'no_such_file');
  const text = decoded(bytes);
  // Zero bytes stand in no text, but at once in almost every other file.
  if (text.slice(0, 4096).includes('\0')) throw unusable(t('{0} is not a text file.', path));
  return text;
}

/** A person's experiment has a few kilobytes. */
const largestFile = 20e6;

/** UTF-8, or UTF-16 when its byte order mark says so, as YAML allows. */
function decoded(bytes: Buffer): string {
  const [first, second] = bytes;
  const isWide = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return isWide ? new TextDecoder(first === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes) : bytes.toString();
}
