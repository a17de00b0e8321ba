import type { BertShape } from '../../trainer/model/bert.ts';
import type { ClipTextShape } from '../../trainer/model/clip-text.ts';
import type { ImageShape, TextShape } from '../../trainer/model/encoders.ts';
import { imageShapeOf, textShapeOf } from '../../trainer/model/named-shapes.ts';
import type { PreNormShape } from '../../trainer/model/pre-norm.ts';
import type { ResNetShape } from '../../trainer/model/resnet.ts';
import type { VisionShape } from '../../trainer/model/vision-transformer.ts';
import type { FinishedModel } from '../finished-model.ts';

/** An encoder as transformers has it. */
export interface KnownEncoder {
  /** transformers' class. */
  name: string;
  config: object;
  /** What its arrays' names begin with there. */
  prefix: string;
}

/** transformers' image encoder of the same kind; null where it has no such architecture. */
export function knownImageEncoder(finished: FinishedModel): KnownEncoder | null {
  const shape = imageShape(finished);
  switch (shape.kind) {
    case 'resnet':
      // Of the smallest one the stem is a 3x3 convolution without pooling.
      return shape.stem.pool ? { name: 'ResNetModel', config: resnetConfig(shape), prefix: '' } : null;
    case 'vit':
      return { name: 'ViTModel', config: vitConfig(shape), prefix: '' };
    case 'clip_vision':
      return { name: 'CLIPVisionModel', config: clipVisionConfig(shape), prefix: 'vision_model.' };
  }
}

/** transformers' text encoder of the same kind. */
export function knownTextEncoder(finished: FinishedModel): KnownEncoder {
  const shape = textShape(finished);
  return shape.kind === 'bert'
    ? { name: 'BertModel', config: bertConfig(shape, finished), prefix: '' }
    : { name: 'CLIPTextModel', config: clipTextConfig(shape, finished), prefix: 'text_model.' };
}

/** transformers' config.json of a whole CLIP; null for every other model. */
export function clipConfig(finished: FinishedModel): object | null {
  const image = imageShape(finished);
  const text = textShape(finished);
  const isClip = image.kind === 'clip_vision' && text.kind === 'clip_text';
  if (!isClip || finished.config.model.fusion.kind !== 'late') return null;
  const { shape } = finished.model.parameters.find(({ name }) => name === 'image_projection.weight')!;
  return {
    model_type: 'clip',
    architectures: ['CLIPModel'],
    projection_dim: shape[0],
    logit_scale_init_value: finished.arrays['logit_scale']![0],
    vision_config: { ...clipVisionConfig(image), projection_dim: shape[0] },
    text_config: { ...clipTextConfig(text, finished), projection_dim: shape[0] },
  };
}

const imageShape = ({ shapes, config }: FinishedModel): ImageShape =>
  shapes.image ?? imageShapeOf(config.model.image_encoder.name);
const textShape = ({ shapes, config }: FinishedModel): TextShape =>
  shapes.text ?? textShapeOf(config.model.text_encoder.name);

function resnetConfig({ block, channels, depths }: ResNetShape): object {
  const expansion = block === 'basic' ? 1 : 4;
  return {
    model_type: 'resnet',
    architectures: ['ResNetModel'],
    num_channels: 3,
    embedding_size: channels[0],
    hidden_sizes: channels.map((each) => each * expansion),
    depths,
    layer_type: block,
    hidden_act: 'relu',
    downsample_in_first_stage: false,
    downsample_in_bottleneck: false,
  };
}

const stackConfig = ({ width, layers, heads, intermediate, activation, eps }: PreNormShape): object => ({
  hidden_size: width,
  num_hidden_layers: layers,
  num_attention_heads: heads,
  intermediate_size: intermediate,
  hidden_act: activation,
  layer_norm_eps: eps,
  initializer_range: 0.02,
  attention_dropout: 0,
});

const vitConfig = (shape: VisionShape): object => ({
  model_type: 'vit',
  architectures: ['ViTModel'],
  ...stackConfig(shape),
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  image_size: shape.imageSize,
  patch_size: shape.patch,
  num_channels: 3,
  qkv_bias: true,
});

const clipVisionConfig = (shape: VisionShape): object => ({
  model_type: 'clip_vision_model',
  architectures: ['CLIPVisionModel'],
  ...stackConfig(shape),
  image_size: shape.imageSize,
  patch_size: shape.patch,
  num_channels: 3,
});

/** transformers takes the state of the first token with the id `eos_token_id`; every caption ends in it. */
function clipTextConfig(shape: ClipTextShape, { tokenizer }: FinishedModel): object {
  const empty = tokenizer.encode('', 2);
  return {
    model_type: 'clip_text_model',
    architectures: ['CLIPTextModel'],
    ...stackConfig(shape),
    vocab_size: shape.vocabulary,
    max_position_embeddings: shape.positions,
    bos_token_id: empty[0],
    eos_token_id: empty.at(-1),
    pad_token_id: tokenizer.padId,
  };
}

const bertConfig = (shape: BertShape, { config, tokenizer }: FinishedModel): object => ({
  model_type: 'bert',
  architectures: ['BertModel'],
  vocab_size: tokenizer.vocabSize,
  hidden_size: shape.width,
  num_hidden_layers: shape.layers,
  num_attention_heads: shape.heads,
  intermediate_size: shape.intermediate,
  hidden_act: 'gelu',
  max_position_embeddings: shape.positions,
  type_vocab_size: shape.types,
  layer_norm_eps: 1e-12,
  initializer_range: 0.02,
  hidden_dropout_prob: config.model.text_encoder.dropout,
  attention_probs_dropout_prob: config.model.text_encoder.dropout,
  pad_token_id: tokenizer.padId,
});
