import { bertShapes } from '../../trainer/model/bert.ts';
import { resnetShapes } from '../../trainer/model/resnet.ts';
import type { FinishedModel } from '../finished-model.ts';

/** transformers' config.json of the image encoder; null where transformers has no such architecture. */
export function imageConfig({ config }: FinishedModel): object | null {
  const { name } = config.model.image_encoder;
  const shape = name in resnetShapes ? resnetShapes[name as keyof typeof resnetShapes] : null;
  // Its stem is a 3x3 convolution without pooling.
  if (!shape?.stem.pool) return null;
  const expansion = shape.block === 'basic' ? 1 : 4;
  return {
    model_type: 'resnet',
    architectures: ['ResNetModel'],
    num_channels: 3,
    embedding_size: shape.channels[0],
    hidden_sizes: shape.channels.map((channels) => channels * expansion),
    depths: shape.depths,
    layer_type: shape.block,
    hidden_act: 'relu',
    downsample_in_first_stage: false,
    downsample_in_bottleneck: false,
  };
}

/** transformers' config.json of the text encoder; null where it is of another kind than BERT. */
export function textConfig({ config, tokenizer }: FinishedModel): object | null {
  const { name } = config.model.text_encoder;
  const shape = name in bertShapes ? bertShapes[name as keyof typeof bertShapes] : null;
  if (!shape) return null;
  return {
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
  };
}
