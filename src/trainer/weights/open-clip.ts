import type { Tensor } from '../../store/tensors.ts';

/** An array, or its shape alone. */
type Saved = Pick<Tensor, 'shape'> & Partial<Tensor>;

const inBlock: Record<string, string> = {
  ln_1: 'layer_norm1',
  ln_2: 'layer_norm2',
  'attn.out_proj': 'self_attn.out_proj',
  'mlp.c_fc': 'mlp.fc1',
  'mlp.c_proj': 'mlp.fc2',
};

const alone: Record<string, string> = {
  'visual.conv1.weight': 'vision_model.embeddings.patch_embedding.weight',
  'visual.class_embedding': 'vision_model.embeddings.class_embedding',
  'visual.positional_embedding': 'vision_model.embeddings.position_embedding.weight',
  'visual.ln_pre.weight': 'vision_model.pre_layrnorm.weight',
  'visual.ln_pre.bias': 'vision_model.pre_layrnorm.bias',
  'visual.ln_post.weight': 'vision_model.post_layernorm.weight',
  'visual.ln_post.bias': 'vision_model.post_layernorm.bias',
  positional_embedding: 'text_model.embeddings.position_embedding.weight',
  'token_embedding.weight': 'text_model.embeddings.token_embedding.weight',
  'ln_final.weight': 'text_model.final_layer_norm.weight',
  'ln_final.bias': 'text_model.final_layer_norm.bias',
};

const transposed: Record<string, string> = {
  'visual.proj': 'visual_projection.weight',
  text_projection: 'text_projection.weight',
};

/** A file's arrays as transformers saves a CLIP, where open_clip saved it; others stay as they are. */
export function asTransformers<S extends Saved>(saved: Record<string, S>): [string, S][] {
  const entries = Object.entries(saved);
  if (!('visual.class_embedding' in saved)) return entries;
  return entries.flatMap(([name, array]): [string, S][] => {
    if (name === 'attn_mask') return [];
    if (name in transposed) return [[transposed[name]!, transpose(array)]];
    const block = /^(visual\.)?transformer\.resblocks\.(\d+)\.(.+?)[._](weight|bias)$/.exec(name);
    if (!block) return [[alone[name] ?? name, array]];
    const layer = `${block[1] ? 'vision' : 'text'}_model.encoder.layers.${block[2]}`;
    if (block[3] === 'attn.in_proj')
      return ['q', 'k', 'v'].map((of, at) => [`${layer}.self_attn.${of}_proj.${block[4]}`, third(array, at)]);
    return [[`${layer}.${inBlock[block[3]!] ?? block[3]}.${block[4]}`, array]];
  });
}

/** Of queries, keys and values, which lie under one another. */
function third<S extends Saved>(array: S, at: number): S {
  const shape = [array.shape[0]! / 3, ...array.shape.slice(1)];
  const length = shape.reduce((product, side) => product * side, 1);
  return { ...array, shape, ...(array.data && { data: array.data.slice(at * length, (at + 1) * length) }) };
}

function transpose<S extends Saved>(array: S): S {
  const [rows, columns] = array.shape as [number, number];
  const { data } = array;
  if (!data) return { ...array, shape: [columns, rows] };
  const turned = data.slice();
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = data[row * columns + column]!;
  return { ...array, shape: [columns, rows], data: turned };
}
