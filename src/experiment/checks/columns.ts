import { listed, shortened } from '../../text/words.ts';
import { yamlText } from '../edit/yaml-text.ts';
import { nearestName } from '../parse/nearest.ts';
import type { Finding, FindingFix, View } from './finding.ts';
import { t } from '../../text/say.ts';

/** Whether the columns that are asked for are there. */
export function checkColumns({ experiment, facts }: View): Finding[] {
  const { columns } = facts.data ?? {};
  if (!columns) return [];
  const other = otherDelimiter(experiment, columns);
  if (other) return [other];
  const { image_column, caption_column, split_by } = experiment.data;
  const wanted: [string, string][] = [
    ['data.image_column', image_column],
    ['data.caption_column', caption_column],
  ];
  if (split_by !== 'image' && split_by !== 'caption') wanted.push(['data.split_by', split_by]);
  return wanted
    .filter(([, name]) => !columns.includes(name))
    .map(([path, name]) => {
      const other = path === 'data.image_column' ? caption_column : image_column;
      const rest = columns.filter((one) => one !== other);
      const near = nearestName(name, rest);
      const ordered = near ? [near, ...rest.filter((one) => one !== near)] : rest;
      return {
        severity: 'error',
        code: 'no_such_column',
        message: t(
          columns.length === 1
            ? 'There is no column {0}; there is {1}.'
            : 'There is no column {0}; there are {1}.',
          name,
          listed(columns.map(short)) || t('none'),
        ),
        paths: [path, 'data.pairs'],
        value: name,
        fixes: ordered.slice(0, 4).map((one): FindingFix => ({ set: path, to: yamlText(one) })),
      };
    });
}

const short = (name: string): string => shortened(name, 100);

/** A header that the delimiter leaves in one piece, which another would part into the columns that are asked for. */
function otherDelimiter({ data }: View['experiment'], columns: readonly string[]): Finding | null {
  const { delimiter, image_column, caption_column } = data;
  const [header = ''] = columns;
  if (delimiter === null || columns.length !== 1) return null;
  const parts = (sign: string) => header.split(sign).map((name) => name.trim().replace(/^"(.*)"$/, '$1'));
  const fitting = [',', ';', '\t', '|'].filter((sign) => header.includes(sign));
  const better =
    fitting.find((sign) => parts(sign).includes(image_column) && parts(sign).includes(caption_column)) ??
    fitting[0];
  if (better === undefined || better === delimiter) return null;
  return {
    severity: 'error',
    code: 'delimiter_not_in_header',
    message: t(
      'The first line holds no {0}: it is {1}, parted by {2}.',
      JSON.stringify(delimiter),
      JSON.stringify(short(header)),
      JSON.stringify(better),
    ),
    paths: ['data.delimiter', 'data.pairs'],
    value: delimiter,
    fixes: [{ set: 'data.delimiter', to: JSON.stringify(better) }, { remove: 'data.delimiter' }],
  };
}
