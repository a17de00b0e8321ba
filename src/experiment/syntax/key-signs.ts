import { lineAt, lineEnd, type Source } from '../document/source.ts';
import { twoKeys } from './extra-signs.ts';
import { firstWritten, lineFrom, textEnd, type Found } from './place.ts';
import { t } from '../../text/say.ts';

/** A colon where none may be, or a line that reads as a part of the one above. */
export function keyProblem(
  source: Source,
  pos: readonly number[],
  here: { start: number; end: number },
): Found {
  const { text } = source;
  const from = pos[0]!;
  const until = Math.max(pos[1] ?? from, from + 1);
  const glued = /^([\w.-]+):(?=[^\s:])/.exec(text.slice(from, lineEnd(source, lineAt(source, from))));
  const spansLines = lineAt(source, Math.max(until - 1, from)) > lineAt(source, from);
  if (glued && spansLines) {
    const colon = from + glued[1]!.length + 1;
    return {
      code: 'yaml_colon',
      message: t('A space is missing after the colon of {0}.', glued[1]!),
      start: from,
      end: textEnd(source, from),
      fixes: [{ title: t('Insert a space'), edits: [{ start: colon, end: colon, text: ' ' }] }],
    };
  }
  if (spansLines) {
    const second = firstWritten(source, source.lineStarts[lineAt(source, until - 1)]!);
    const columnOf = (offset: number) => offset - source.lineStarts[lineAt(source, offset)]!;
    if (columnOf(second) <= columnOf(firstWritten(source, source.lineStarts[lineAt(source, from)]!)))
      return colonProblem(source, from);
    return {
      code: 'yaml_indent',
      message: t(
        'This line is indented as a part of the line above, which already has a value; start it in the same column as the key above.',
      ),
      ...lineFrom(source, second),
    };
  }
  return twoKeys(source, here.start);
}

/** A line that is a word and nothing else. */
export function colonProblem(source: Source, at: number): Found {
  const line = lineAt(source, at);
  const begin = source.lineStarts[line]! + (line === 0 ? source.bom : 0);
  const indent = /^[ \t]*(- )?/.exec(source.text.slice(begin))![0].length;
  const start = begin + indent;
  const end = textEnd(source, start);
  const word = source.text.slice(start, end);
  const comment = /^(?:\/\/|--(?!-)|\/\*)[\s*]*(.*?)[\s*]*(?:\*\/)?$/.exec(word);
  if (comment) {
    const text = `# ${comment[1]}`;
    return {
      code: 'yaml_comment',
      message: t('A comment starts with # in YAML; write {0}.', text),
      start,
      end,
      fixes: [{ title: t('Write {0}', text), edits: [{ start, end, text }] }],
    };
  }
  return {
    code: 'yaml_colon',
    message: t('A colon is missing after {0}.', word.length > 40 ? t('{0}...', word.slice(0, 37)) : word),
    start,
    end,
    fixes: [{ title: t('Insert a colon'), edits: [{ start: end, end, text: ':' }] }],
  };
}
