import { HumanError } from '../protocol/human-error.ts';
import { said } from '../text/say.ts';

type Config = Readonly<Record<string, unknown>>;

export const openClipConfigFile = 'open_clip_config.json';
const weightFiles = ['open_clip_model.safetensors', 'open_clip_pytorch_model.safetensors'];

/** Whether a folder is read as open_clip's: where transformers' files of the same model lie beside it, those are read. */
export const isOpenClip = (has: (file: string) => boolean): boolean =>
  has(openClipConfigFile) &&
  !(has('config.json') && (has('model.safetensors') || has('model.safetensors.index.json')));

/** The file of weights of such a folder. */
export const openClipWeights = (has: (file: string) => boolean): string | undefined =>
  isOpenClip(has) ? weightFiles.find(has) : undefined;

/** What of open_clip's settings is a plain CLIP. Any other that is set makes another model. */
const plain = {
  model: ['embed_dim', 'vision_cfg', 'text_cfg', 'quick_gelu', 'init_logit_scale'],
  vision: ['image_size', 'layers', 'width', 'patch_size', 'head_width', 'mlp_ratio', 'patch_dropout'],
  text: ['context_length', 'vocab_size', 'width', 'heads', 'layers', 'mlp_ratio', 'hf_tokenizer_name'],
};

/** open_clip's config as transformers writes it; HumanError `unknown_architecture` for what is no plain CLIP. */
export function fromOpenClip(written: Config, name: string): { config: Config; preprocessor: Config } {
  const model = part(written, 'model_cfg');
  const vision = part(model, 'vision_cfg');
  const text = part(model, 'text_cfg');
  const other = [
    ...unknown(model, plain.model, ''),
    ...unknown(vision, plain.vision, 'vision_cfg.'),
    ...unknown(text, plain.text, 'text_cfg.'),
    ...(typeof vision['layers'] === 'number' ? [] : ['vision_cfg.layers']),
    ...(typeof vision['image_size'] === 'number' ? [] : ['vision_cfg.image_size']),
  ];
  const prepared = part(written, 'preprocess_cfg');
  const interpolation = prepared['interpolation'] ?? 'bicubic';
  if (!['bicubic', 'bilinear'].includes(String(interpolation))) other.push('preprocess_cfg.interpolation');
  if ((prepared['resize_mode'] ?? 'shortest') !== 'shortest') other.push('preprocess_cfg.resize_mode');
  if (other.length > 0)
    throw new HumanError(
      said('{0} is no plain CLIP: its {1} sets {2}.', name, openClipConfigFile, other.join(', ')),
      said('Choose a model of open_clip with a plain ViT and CLIP’s text tower, such as ViT-B-32.'),
      'unknown_architecture',
    );
  const hidden_act = model['quick_gelu'] ? 'quick_gelu' : 'gelu';
  const tower = (own: Config, width: number, heads: number) => ({
    hidden_act,
    hidden_size: width,
    intermediate_size: Math.floor(width * numberIn(own, 'mlp_ratio', 4)),
    num_attention_heads: heads,
    num_hidden_layers: numberIn(own, 'layers', 12),
  });
  const width = numberIn(vision, 'width', 768);
  const side = vision['image_size'];
  return {
    config: {
      model_type: 'clip',
      projection_dim: model['embed_dim'],
      vision_config: {
        ...tower(vision, width, Math.floor(width / numberIn(vision, 'head_width', 64))),
        image_size: side,
        patch_size: numberIn(vision, 'patch_size', 16),
      },
      text_config: {
        ...tower(text, numberIn(text, 'width', 512), numberIn(text, 'heads', 8)),
        vocab_size: numberIn(text, 'vocab_size', 49408),
        max_position_embeddings: numberIn(text, 'context_length', 77),
      },
    },
    preprocessor: {
      image_processor_type: 'CLIPImageProcessor',
      ...{
        do_resize: true,
        do_center_crop: true,
        do_rescale: true,
        do_normalize: true,
        do_convert_rgb: true,
      },
      size: { shortest_edge: side },
      crop_size: { height: side, width: side },
      resample: interpolation === 'bicubic' ? 3 : 2,
      rescale_factor: 1 / 255,
      image_mean: prepared['mean'] ?? [0.48145466, 0.4578275, 0.40821073],
      image_std: prepared['std'] ?? [0.26862954, 0.26130258, 0.27577711],
    },
  };
}

const part = (config: Config, key: string): Config => (config[key] as Config | undefined) ?? {};

const numberIn = (config: Config, key: string, usual: number): number =>
  typeof config[key] === 'number' ? config[key] : usual;

const unknown = (config: Config, known: readonly string[], prefix: string): string[] =>
  Object.keys(config)
    .filter((key) => !known.includes(key) && config[key] !== null && config[key] !== false)
    .map((key) => prefix + key);
