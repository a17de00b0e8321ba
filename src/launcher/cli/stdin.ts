import { text } from 'node:stream/consumers';

/** All of standard input, as UTF-8. */
export function textFromStdin(): Promise<string> {
  return text(process.stdin);
}
