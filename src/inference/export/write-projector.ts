import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeImage, pngOf } from '../../data/images/images.ts';
import { machineFault } from '../../data/machine-fault.ts';
import { said, t } from '../../text/say.ts';
import { counted } from '../../text/numbers.ts';
import { embedValidation } from '../embed-validation.ts';
import type { FinishedModel } from '../finished-model.ts';

/** Pixels of a row's picture in the sprite. */
const tile = 64;
/** TensorBoard draws no more points smoothly, and no browser takes a larger picture than 8192 pixels a side. */
const mostRows = 10_000;

/** Writes the validation side's images and captions for TensorBoard's embedding projector. What should be known of it. */
export async function writeProjector(
  finished: FinishedModel,
  folder: string,
  step: () => void,
): Promise<string[]> {
  return embedValidation(finished, async ({ pairs, images, texts, kept, pairOfImage }) => {
    step();
    const rows = [
      ...Array.from(pairOfImage, (pair, at) => ({
        kind: 'image',
        pair,
        text: pairs.imageKey(pair),
        vector: rowOf(images, at),
      })),
      ...Array.from(kept, (pair, at) => ({
        kind: 'caption',
        pair,
        text: pairs.caption(pair),
        vector: rowOf(texts, at),
      })),
    ];
    const shown = rows.slice(0, mostRows);
    await writeFile(
      join(folder, 'vectors.tsv'),
      shown
        .map(({ vector }) => `${Array.from(vector, (value) => value.toPrecision(7)).join('\t')}\n`)
        .join(''),
    );
    const lines = shown.map(({ kind, text, pair }) =>
      [kind, text, pairs.imageKey(pair)].map(cell).join('\t'),
    );
    await writeFile(join(folder, 'metadata.tsv'), ['kind\ttext\timage', ...lines, ''].join('\n'));
    const columns = Math.ceil(Math.sqrt(shown.length));
    const side = columns * tile;
    const sprite = new Uint8Array(side * side * 3).fill(255);
    for (const [at, { kind, pair }] of shown.entries()) {
      if (kind === 'image')
        draw(
          sprite,
          side,
          (at % columns) * tile,
          Math.floor(at / columns) * tile,
          await tileOf(() => pairs.loadImage(pair)),
        );
    }
    await writeFile(join(folder, 'sprite.png'), await pngOf(sprite, side));
    await writeFile(join(folder, 'projector_config.pbtxt'), projectorConfig);
    await writeFile(join(folder, 'README.md'), readme);
    return shown.length < rows.length
      ? [
          t(
            'The first {0} of {1} images and captions: the projector takes no more.',
            counted(shown.length),
            counted(rows.length),
          ),
        ]
      : [];
  });
}

const rowOf = ({ pooled, dim }: { pooled: Float32Array; dim: number }, row: number): Float32Array =>
  pooled.subarray(row * dim, (row + 1) * dim);

/** A cell of a table without quotes. */
const cell = (text: string): string => text.replace(/[\t\r\n]+/g, ' ');

async function tileOf(load: () => Promise<Buffer>): Promise<Uint8Array | null> {
  try {
    return await decodeImage(await load(), tile);
  } catch (error) {
    const fault = machineFault(error, said('An image cannot be read'));
    if (fault) throw fault;
    return null; // its place stays white
  }
}

function draw(sprite: Uint8Array, side: number, left: number, top: number, pixels: Uint8Array | null): void {
  for (let row = 0; pixels && row < tile; row++)
    sprite.set(pixels.subarray(row * tile * 3, (row + 1) * tile * 3), ((top + row) * side + left) * 3);
}

const projectorConfig = `embeddings {
  tensor_name: "validation"
  tensor_path: "vectors.tsv"
  metadata_path: "metadata.tsv"
  sprite {
    image_path: "sprite.png"
    single_image_dim: ${tile}
    single_image_dim: ${tile}
  }
}
`;

const readme = `# Embeddings of the validation side

Images, then captions, in one space; a row of vectors.tsv is a row of metadata.tsv (kind, text, image) and a tile of sprite.png, from the left and the top.

\`tensorboard --logdir .\` shows them in its Projector tab; https://projector.tensorflow.org loads vectors.tsv and metadata.tsv.

\`\`\`python
import csv
import numpy as np

vectors = np.loadtxt("vectors.tsv", delimiter="\\t", ndmin=2)
rows = list(csv.DictReader(open("metadata.tsv", encoding="utf-8"), delimiter="\\t", quoting=csv.QUOTE_NONE))
first = next(i for i, row in enumerate(rows) if row["kind"] == "caption")
print(rows[first]["text"], "->", rows[int(np.argmax(vectors[:first] @ vectors[first]))]["text"])
\`\`\`

\`\`\`js
import { readFileSync } from 'node:fs';

const cells = (file) => readFileSync(file, 'utf8').trim().split('\\n').map((line) => line.split('\\t'));
const vectors = cells('vectors.tsv').map((row) => row.map(Number));
const rows = cells('metadata.tsv').slice(1);
const first = rows.findIndex(([kind]) => kind === 'caption');
const similarity = (row) => row.reduce((sum, value, i) => sum + value * vectors[first][i], 0);
const nearest = vectors.slice(0, first).map(similarity).reduce((best, value, i, all) => (value > all[best] ? i : best), 0);
console.log(rows[first][1], '->', rows[nearest][1]);
\`\`\`
`;
