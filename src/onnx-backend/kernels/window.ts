import * as tf from '@tensorflow/tfjs';
import type { Graph, Value } from '../graph.ts';
import { transpose } from '../ops/shape.ts';

/** How a window of a convolution or a pooling moves over images, in ONNX's words. */
export interface Window {
  kernel_shape: number[];
  strides: number[];
  /** top, left, bottom, right */
  pads: number[];
  dilations: number[];
}

type DataFormat = 'NHWC' | 'NCHW' | undefined;
type Info = tf.backend_util.Conv2DInfo;

/** What tfjs computes of a convolution, from shapes in its own layout and the kernel's attributes. */
export function convInfo(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: ConvAttributes,
): Info {
  return tf.backend_util.computeConv2DInfo(
    [...inputShape] as [number, number, number, number],
    [...filterShape] as [number, number, number, number],
    attributes.strides,
    attributes.dilations ?? 1,
    attributes.pad,
    attributes.dimRoundingMode,
    false,
    attributes.dataFormat === 'NCHW' ? 'channelsFirst' : 'channelsLast',
  );
}

export function poolInfo(inputShape: readonly number[], attributes: PoolAttributes): Info {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const shape = [...inputShape] as [number, number, number, number];
  return tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
}

export interface ConvAttributes {
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  dataFormat?: DataFormat;
  dilations?: [number, number] | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

export interface PoolAttributes {
  filterSize: [number, number] | number;
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** The window, with as much padding below and right as the output's size needs. */
export function windowOf(info: Info): Window {
  const { top, left, bottom, right } = info.padInfo;
  const needed = (out: number, stride: number, kernel: number, size: number, before: number): number =>
    (out - 1) * stride + kernel - size - before;
  const below = needed(info.outHeight, info.strideHeight, info.effectiveFilterHeight, info.inHeight, top);
  const beyond = needed(info.outWidth, info.strideWidth, info.effectiveFilterWidth, info.inWidth, left);
  return {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pads: [top, left, Math.max(bottom, below), Math.max(right, beyond)],
    dilations: [info.dilationHeight, info.dilationWidth],
  };
}

/** Pictures of either data format as [batch, height, width, channels], and back. */
export const toFormat = (g: Graph, x: Value, format: DataFormat): Value =>
  format === 'NCHW' ? transpose(g, x, [0, 2, 3, 1]) : x;

export const fromFormat = (g: Graph, x: Value, format: DataFormat): Value =>
  format === 'NCHW' ? transpose(g, x, [0, 3, 1, 2]) : x;
