import { HumanError } from '../../protocol/human-error.ts';
import { said } from '../../text/say.ts';
import type { OnnxSource } from '../../weights/onnx-files.ts';
import type { Rows } from './frozen-encoder.ts';
import type { OutputShapes } from './transformers.ts';

/** Which output of an image encoder its features come from, and how. */
export interface ImageReading {
  output: string;
  /** The encoder's own vector; or of the rows [images, rows, width] the first (the class token's), the mean, or all from `before` on. */
  take: 'vector' | 'first' | 'mean' | 'rows';
  /** The output is a grid [images, width, rows, columns]. */
  isGrid: boolean;
  /** Tokens that stand before those of the image's patches. */
  before: number;
}

/** The vector that an encoder itself has of an image (projected, pooled, of the class token, or the mean over a grid), or its regions. */
export function imageReading(
  shapes: OutputShapes,
  source: OnnxSource,
  side: number,
  rows: Rows,
): ImageReading {
  const own = ['image_embeds', 'pooler_output'].find((name) => name in shapes);
  if (rows === 'pooled' && own !== undefined)
    return { output: own, take: 'vector', isGrid: false, before: 0 };
  const output = 'last_hidden_state';
  const shape = shapes[output];
  if (!shape)
    throw new HumanError(
      said('{0} gives {1}, and no last_hidden_state.', source.files[0]!, Object.keys(shapes).join(', ')),
      own === undefined
        ? said(
            'Export the encoder with last_hidden_state; with late fusion, image_embeds or pooler_output does as well.',
          )
        : said(
            'Set model.fusion.kind to late, which needs no regions, or export the encoder with last_hidden_state.',
          ),
      'bad_weights',
    );
  const isGrid = shape.length === 4;
  if (rows === 'pooled')
    return { output, take: !isGrid && hasClassToken(source) ? 'first' : 'mean', isGrid, before: 0 };
  const tokens = shape[1]!;
  const before = isGrid ? 0 : Math.max(0, tokens - patches(source, side, tokens));
  return { output, take: 'rows', isGrid, before };
}

/** How many tokens are patches of the image; all where the config does not say. */
function patches({ config }: OnnxSource, side: number, tokens: number): number {
  const vision = (config['vision_config'] ?? config) as Record<string, unknown>;
  const patch = vision['patch_size'];
  return typeof patch === 'number' ? Math.floor(side / patch) ** 2 : tokens;
}

/** SigLIP's patches have no other token before them. */
const hasClassToken = ({ config }: OnnxSource): boolean => !/^siglip/.test(String(config['model_type']));
