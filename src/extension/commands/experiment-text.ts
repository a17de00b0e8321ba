import { yamlText } from '../../experiment/edit/yaml-text.ts';
import { t } from '../../text/say.ts';

/** Negatives enough to learn from, and small enough for any machine. */
export const usualBatch = 64;

/** A new experiment file: what it is made of and a few usual settings, with what they mean. */
export function experimentText(of: {
  name: string;
  /** Relative to the file. */
  pairs: string;
  /** null: the default names. */
  image: string | null;
  caption: string | null;
  batchSize?: number;
}): string {
  const columns = [
    of.image && of.image !== 'image' ? `  image_column: ${yamlText(of.image)}\n` : '',
    of.caption && of.caption !== 'caption' ? `  caption_column: ${yamlText(of.caption)}\n` : '',
  ].join('');
  return `name: ${yamlText(of.name)}
data:
  pairs: ${yamlText(of.pairs)}
${columns}  val_fraction: 0.1      # ${t('kept aside to measure with')}
  image_size: 64
model:
  image_encoder: { name: resnet_small }
  text_encoder: { name: bert-tiny }
  fusion: { kind: late }
optimizer:
  learning_rate: { image: 1e-3, text: 1e-3 }
train: { batch_size: ${of.batchSize ?? usualBatch}, epochs: 20 }
`;
}

/** Column names in the first line of a table, whatever its separator, or of a file of JSON lines. */
export function columnsOf(start: string): string[] {
  const line = start.replace(/^\uFEFF/, '').split(/\r?\n/, 1)[0] ?? '';
  if (line.startsWith('{')) return keysOf(line);
  const separator = [',', '\t', ';', '|'].reduce((best, one) =>
    line.split(one).length > line.split(best).length ? one : best,
  );
  return line
    .split(separator)
    .map((name) =>
      name
        .trim()
        .replace(/^"(.*)"$/s, '$1')
        .replaceAll('""', '"'),
    )
    .filter((name) => name !== '');
}

function keysOf(line: string): string[] {
  try {
    return Object.keys(JSON.parse(line) as object);
  } catch {
    return []; // Not JSON after all: the check of the file says so.
  }
}

/** The columns whose names leave no doubt; null for the others. */
export function guessColumns(columns: string[]): { image: string | null; caption: string | null } {
  const find = (...names: RegExp[]) =>
    names.map((name) => columns.find((column) => name.test(column))).find((column) => column !== undefined) ??
    null;
  return {
    image: find(
      /^image$/i,
      /^(image|img|picture|photo)?_?(path|file|filename|file_name|filepath)$/i,
      /^(img|picture|photo)$/i,
    ),
    caption: find(/^caption$/i, /^(text|title|description|sentence|label|captions)$/i),
  };
}
