import type { ImageShape, TextShape } from '../model/encoders.ts';
import { imagePrefix, textPrefix } from '../model/model.ts';

/** Names under which others save the same arrays, brought to torchvision's and transformers'. null: an array that is not needed. */
export type Renaming = (name: string) => string | null;

/** torchvision's and timm's names stay; transformers' ResNet names are translated; the classifier and counters are left out. */
export const imageName: Renaming = (written) => {
  const name = written.replace(/^(module\.|model\.|image_encoder\.|resnet\.)/, '');
  if (/^(fc|classifier|head)\.|num_batches_tracked$/.test(name)) return null;
  const part = (kind: string): string => (kind === 'convolution' ? 'conv' : 'bn');
  return name
    .replace(/^embedder\.embedder\.(convolution|normalization)\./, (_, kind: string) => `${part(kind)}1.`)
    .replace(
      /^encoder\.stages\.(\d+)\.layers\.(\d+)\.layer\.(\d+)\.(convolution|normalization)\./,
      (_, stage: string, block: string, layer: string, kind: string) =>
        `layer${Number(stage) + 1}.${block}.${part(kind)}${Number(layer) + 1}.`,
    )
    .replace(
      /^encoder\.stages\.(\d+)\.layers\.(\d+)\.shortcut\.(convolution|normalization)\./,
      (_, stage: string, block: string, kind: string) =>
        `layer${Number(stage) + 1}.${block}.downsample.${kind === 'convolution' ? 0 : 1}.`,
    );
};

/** transformers' ViTModel names stay, under any prefix; heads, pooler and mask token are left out. */
const vitName: Renaming = (written) => {
  const name = written.replace(/^(module\.|model\.|image_encoder\.)?(vit\.)?/, '');
  return /^(pooler|classifier|decoder|lm_head)\.|mask_token$/.test(name) ? null : name;
};

/** One tower of a CLIP as transformers saves it, alone or with the other. */
const towerName =
  (tower: string, saved: string): Renaming =>
  (written) => {
    const name = written.replace(/^module\./, '');
    const own = new RegExp(`^(?:${tower}\\.|${saved}\\.)`);
    return own.test(name) && !name.endsWith('position_ids') ? name.replace(own, '') : null;
  };

/** A whole CLIP as transformers saves it; positions that only count are left out. */
export const clipName: Renaming = (written) =>
  written.endsWith('position_ids')
    ? null
    : written
        .replace(/^module\./, '')
        .replace(/^vision_model\./, imagePrefix)
        .replace(/^text_model\./, textPrefix)
        .replace(/^visual_projection\./, 'image_projection.');

/** Which names the arrays of an encoder are saved under. */
export function renamingFor(kind: (ImageShape | TextShape)['kind']): Renaming {
  switch (kind) {
    case 'resnet':
      return imageName;
    case 'vit':
      return vitName;
    case 'clip_vision':
      return towerName('vision_model', 'image_encoder');
    case 'bert':
      return textName;
    case 'clip_text':
      return towerName('text_model', 'text_encoder');
  }
}

/** transformers' BertModel names stay, under any prefix; heads, pooler and position ids are left out, old layer norm names translated. */
const textName: Renaming = (written) => {
  const name = written.replace(/^(module\.)?(bert\.|model\.|text_encoder\.)?/, '');
  if (/^(pooler|cls|classifier|qa_outputs|dropout)\.|position_ids$|token_type_ids$/.test(name)) return null;
  return name.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
};

/** Of `names` the one that most resembles `wanted`: the longest shared end of dotted parts; null when none shares any. */
export function nearestName(wanted: string, names: Iterable<string>): string | null {
  const parts = wanted.split('.').reverse();
  let nearest: string | null = null;
  let most = 1;
  for (const name of names) {
    const others = name.split('.').reverse();
    let shared = 0;
    while (shared < parts.length && parts[shared] === others[shared]) shared++;
    if (shared > most) {
      most = shared;
      nearest = name;
    }
  }
  return nearest;
}
