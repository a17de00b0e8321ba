import { writeFile } from 'node:fs/promises';
import { HumanError } from '../../protocol/human-error.ts';
import { isMissing, systemError } from '../../text/system-errors.ts';
import { toJson } from '../../protocol/numbers.ts';
import { said } from '../../text/say.ts';

/** Writes a line to standard output. */
export function print(line = ''): void {
  process.stdout.write(`${printable(line)}\n`);
}

/** Writes a line to standard error: what a person should see even when standard output is a document. */
export function note(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** Writes the one document that `--json` promises. */
export function printJson(document: unknown): void {
  process.stdout.write(`${toJson(document)}\n`);
}

/** Text without what would steer the terminal: names and messages may come from a file of any kind. Colours stay. */
export function printable(text: string): string {
  return text.replace(/\u001b(?!\[\d+m)|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g, '\ufffd');
}

/** Writes a file that a person named. */
export async function writeOutput(file: string, text: string | Iterable<string>): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new HumanError(
      said(
        '{0} could not be written: {1}.',
        file,
        isMissing(error) ? said('its folder is not there') : (systemError(error)?.reason ?? String(error)),
      ),
      said('Name a file in a folder that is there and may be written.'),
      'not_written',
    );
  }
}

/** A reader that goes away (`tandem runs | head`) ends the printing, not the program. */
export function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
}

export type Colour = 'red' | 'yellow' | 'green' | 'dim';

/** Text in a colour where colours show: on a terminal, unless NO_COLOR is set. */
export function paint(colour: Colour, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  const codes = { red: 31, yellow: 33, green: 32, dim: 2 };
  const shows = stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  return shows ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;
}
