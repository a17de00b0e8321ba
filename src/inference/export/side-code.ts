import { relative } from 'node:path';
import type { ImageReading } from '../../trainer/frozen/image-reading.ts';
import type { TextReading } from '../../trainer/frozen/text-model.ts';
import type { OnnxSource } from '../../weights/onnx-files.ts';

/** How an encoder is used in Python. */
export interface SideCode {
  /** What its folder holds, in words. */
  what: string;
  /** transformers' class; null: ONNX Runtime runs it. */
  name: string | null;
  load: string;
  /** Said to the tokenizer. */
  tokenizing?: string;
  /** Of `pixels` or `tokens`, what is called `seen` or `read`. */
  run: string;
  /** The vector of the whole image or caption, from that. */
  vector: string;
  /** Of its regions or tokens. */
  states: string;
  isResnet?: boolean;
}

const whole = ', add_pooling_layer=False';

/** transformers' image encoder of that class. */
export function knownImageCode(name: string): SideCode {
  const isResnet = name === 'ResNetModel';
  const same = '; `torchvision.safetensors` has the same arrays under torchvision’s names';
  return {
    what: `transformers’ ${name}${isResnet ? same : ''}`,
    name,
    load: `${name}.from_pretrained("image_encoder"${name === 'ViTModel' ? whole : ''}).eval()`,
    run: 'image_encoder(**pixels)',
    vector: isResnet
      ? 'seen.last_hidden_state.flatten(2).mean(2)'
      : name === 'CLIPVisionModel'
        ? 'seen.pooler_output'
        : 'seen.last_hidden_state[:, 0]',
    states: 'seen.last_hidden_state',
    isResnet,
  };
}

/** transformers' text encoder of that class. */
export function knownTextCode(name: string, pooling: 'mean' | 'cls'): SideCode {
  const isBert = name === 'BertModel';
  return {
    what: `transformers’ ${name}${isBert ? ' (without pooler)' : ''}`,
    name,
    load: `${name}.from_pretrained("text_encoder"${isBert ? whole : ''}).eval()`,
    run: 'text_encoder(**tokens)',
    vector: isBert
      ? pooling === 'mean'
        ? 'read.last_hidden_state.mean(1)'
        : 'read.last_hidden_state[:, 0]'
      : 'read.pooler_output',
    states: 'read.last_hidden_state',
  };
}

/** An image encoder that others exported, in a copy of its files. */
export function otherImageCode(source: OnnxSource, reading: ImageReading, takesHalves: boolean): SideCode {
  const { output, take, isGrid, before } = reading;
  const pixels = `pixels["pixel_values"]${takesHalves ? '.half()' : ''}.numpy()`;
  const states = `seen${isGrid ? '.flatten(2).transpose(1, 2)' : ''}`;
  return {
    ...other(source, 'image'),
    run: `torch.from_numpy(image_encoder.run(["${output}"], {"pixel_values": ${pixels}})[0]).float()`,
    vector: take === 'vector' ? 'seen.flatten(1)' : `${states}${take === 'first' ? '[:, 0]' : '.mean(1)'}`,
    states: before > 0 ? `${states}[:, ${before}:]` : states,
  };
}

export function otherTextCode(
  source: OnnxSource,
  { output, isVector, fixed }: TextReading & { fixed: number | null },
  pooling: 'mean' | 'cls',
): SideCode {
  const feeds = '{i.name: tokens[i.name].numpy() for i in text_encoder.get_inputs()}';
  const length = fixed === null ? '' : '[:, : int(tokens["attention_mask"].sum())]';
  return {
    ...other(source, 'text'),
    tokenizing:
      fixed === null
        ? 'return_attention_mask=True, '
        : `return_attention_mask=True, padding="max_length", max_length=${fixed}, `,
    run: `torch.from_numpy(text_encoder.run(["${output}"], ${feeds})[0]).float()`,
    vector: isVector ? 'read' : `read${length}${pooling === 'mean' ? '.mean(1)' : '[:, 0]'}`,
    states: `read${length}`,
  };
}

/** Where the copied model lies in its folder. */
export const pathInside = ({ folder }: OnnxSource, file: string): string =>
  relative(folder, file).replaceAll('\\', '/');

function other(source: OnnxSource, side: 'image' | 'text') {
  const file = pathInside(source, source.files[0]!);
  return {
    what: `the encoder as others exported it (${file}): it did not learn`,
    name: null,
    load: `onnxruntime.InferenceSession("${side}_encoder/${file}")`,
  };
}
