import type { ModelConfig } from '../../experiment/config.ts';
import type { Tokenizer } from '../../data/captions/tokenizer.ts';
import { HumanError } from '../../protocol/human-error.ts';
import type { OnnxSource } from '../../weights/onnx-files.ts';
import { fileHash } from './file-hash.ts';
import type { FrozenEncoder, Rows } from './frozen-encoder.ts';
import { lazily } from './lazily.ts';
import { loadModel, type Processors } from './transformers.ts';
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
  return {
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
      const own = rows === 'pooled' ? (outputs['text_embeds'] ?? outputs['sentence_embedding']) : undefined;
      const ofSiglip = rows === 'pooled' && fixed !== null ? outputs['pooler_output'] : undefined;
      const vectors = own ?? ofSiglip;
      if (vectors) {
        const width = vectors.data.length / count;
        const each = captions.map((_, row) => vectors.data.slice(row * width, (row + 1) * width));
        return { width, each };
      }
      const states = outputs['last_hidden_state'];
      if (!states) throw noStates(source, Object.keys(outputs));
      const width = states.shape[2]!;
      const each = captions.map((caption, row) => {
        const start = row * length * width;
        const own = states.data.slice(start, start + Math.min(caption.length, length) * width);
        return rows === 'all' ? own : pool(own, width, pooling);
      });
      return { width, each };
    },
    dispose: () => loaded.dispose(),
  };
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

/** HumanError when the tokenizer gives ids that the encoder has no embedding for, or none lies beside it. */
export function checkVocabulary(source: OnnxSource, { vocabSize }: Pick<Tokenizer, 'vocabSize'>): void {
  const text = (source.config['text_config'] ?? source.config) as Record<string, unknown>;
  const rows = text['vocab_size'];
  if (source.vocabFile === null)
    throw new HumanError(
      said('{0} holds no tokenizer.json and no vocab.txt.', source.name),
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
}

/** SigLIP reads every caption at one length, padding included; null for all others. */
function fixedLength(source: OnnxSource): number | null {
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
