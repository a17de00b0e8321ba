import type { ModelConfig } from '../../experiment/config.ts';
import type { Tokenizer } from '../../data/captions/tokenizer.ts';
import { HumanError } from '../../protocol/human-error.ts';
import type { OnnxSource } from '../../weights/onnx-files.ts';
import { alone } from './alone.ts';
import { fileHash } from './file-hash.ts';
import type { FrozenEncoder, Rows } from './frozen-encoder.ts';
import { lazily } from './lazily.ts';
import { loadModel, shapesOf, type OutputShapes, type Processors } from './transformers.ts';
import { said } from '../../text/say.ts';

/** A text encoder of others. `padId`: what stands where a caption is shorter than those beside it. */
export async function textModel(
  source: OnnxSource,
  padId: number,
  pooling: ModelConfig['text_encoder']['pooling'],
  rows: Rows,
  processors: Processors,
): Promise<FrozenEncoder<Int32Array>> {
  const loaded = lazily(() => loadModel(source, 'text', processors));
  const fixed = fixedLength(source);
  const encoder: FrozenEncoder<Int32Array> = {
    name: source.name,
    key: [await fileHash(source.files), padId, rows === 'pooled' ? pooling : ''].join(' '),
    batch: 32,
    async compute(captions) {
      const model = await loaded.get();
      const count = captions.length;
      const length = fixed ?? captions.reduce((most, ids) => Math.max(most, ids.length), 1);
      const ids = new BigInt64Array(count * length).fill(BigInt(padId));
      const mask = new BigInt64Array(count * length);
      captions.forEach((caption, row) => {
        ids.set(BigInt64Array.from(caption.subarray(0, length), BigInt), row * length);
        mask.fill(1n, row * length, row * length + caption.length);
      });
      const outputs = await model.run({
        input_ids: { data: ids, shape: [count, length] },
        attention_mask: { data: mask, shape: [count, length] },
      });
      const { output, isVector } = textReading(shapesOf(outputs), source, rows);
      const { data, shape } = outputs[output]!;
      const width = shape.at(-1)!;
      const each = captions.map((caption, row) => {
        if (isVector) return data.slice(row * width, (row + 1) * width);
        const start = row * length * width;
        const own = data.slice(start, start + Math.min(caption.length, length) * width);
        return rows === 'all' ? own : pool(own, width, pooling);
      });
      return { width, each };
    },
    dispose: () => loaded.dispose(),
  };
  return source.type === 'int8' ? alone(encoder) : encoder;
}

/** Which output of a text encoder its features come from: vectors of captions, or the states of their tokens. */
export interface TextReading {
  output: string;
  isVector: boolean;
}

export function textReading(shapes: OutputShapes, source: OnnxSource, rows: Rows): TextReading {
  const isSiglip = fixedLength(source) !== null;
  const vectors = ['text_embeds', 'sentence_embedding', ...(isSiglip ? ['pooler_output'] : [])];
  const own = rows === 'pooled' ? vectors.find((name) => name in shapes) : undefined;
  if (own !== undefined) return { output: own, isVector: true };
  if (!('last_hidden_state' in shapes)) throw noStates(source, Object.keys(shapes));
  return { output: 'last_hidden_state', isVector: false };
}

/** The most tokens that an encoder reads; null where its config does not say. */
export function longestText({ config }: OnnxSource): number | null {
  const text = (config['text_config'] ?? config) as Record<string, unknown>;
  const positions = text['max_position_embeddings'];
  if (typeof positions !== 'number') return null;
  // RoBERTa and those after it count positions from the padding token's id on.
  const isAfterPadding = /roberta|camembert|mpnet/.test(String(config['model_type']));
  const pad = text['pad_token_id'];
  return isAfterPadding ? positions - (typeof pad === 'number' ? pad : 1) - 1 : positions;
}

/**
 * How many tokens the encoder has embeddings for; null where its config does not say. HumanError when the tokenizer gives ids beyond these, or
 * none lies beside it.
 */
export function checkVocabulary(
  source: OnnxSource,
  { vocabSize }: Pick<Tokenizer, 'vocabSize'>,
): number | null {
  const text = (source.config['text_config'] ?? source.config) as Record<string, unknown>;
  const rows = text['vocab_size'];
  if (source.vocabFile === null)
    throw new HumanError(
      said('{0} holds no tokenizer.json, no vocab.txt, and no vocab.json with merges.txt.', source.name),
      said(
        'Put the tokenizer of the encoder beside its config.json: without it captions have no ids that it knows.',
      ),
      'vocabulary_missing',
    );
  if (typeof rows === 'number' && rows < vocabSize)
    throw new HumanError(
      said(
        '{0} has ids up to {1}, and the encoder has embeddings for {2}.',
        source.vocabFile,
        vocabSize - 1,
        rows,
      ),
      said('Use the tokenizer that the encoder was trained with.'),
      'vocabulary_mismatch',
    );
  return typeof rows === 'number' ? rows : null;
}

/** SigLIP reads every caption at one length, padding included; null for all others. */
export function fixedLength(source: OnnxSource): number | null {
  if (!/^siglip/.test(String(source.config['model_type']))) return null;
  return longestText(source) ?? 64;
}

function pool(states: Float32Array, width: number, pooling: 'cls' | 'mean'): Float32Array {
  if (pooling === 'cls') return states.slice(0, width);
  const tokens = states.length / width;
  const mean = new Float32Array(width);
  for (let i = 0; i < states.length; i++) mean[i % width]! += states[i]! / tokens;
  return mean;
}

function noStates({ files }: OnnxSource, outputs: string[]): HumanError {
  return new HumanError(
    said('{0} gives {1}, and no last_hidden_state.', files[0]!, outputs.join(', ')),
    said('Export the encoder with last_hidden_state; with late fusion, text_embeds does as well.'),
    'bad_weights',
  );
}
