import * as tf from '@tensorflow/tfjs';
import type { RunConfig } from '../../experiment/config.ts';
import type { TensorFunction, TensorSpec } from '../engines/engine.ts';
import type { Model } from '../model/model.ts';
import type { ParamGroup } from '../optimizer/optimizer.ts';
import { lossAndGradients } from './loss-and-gradients.ts';

/** `lossAndGradients` with what `gradientSquares` and `scaleOutputs` give. */
export function lossAndNorms(model: Model, groups: readonly ParamGroup[]): TensorFunction {
  const step = lossAndGradients(model);
  return (inputs) => {
    const outputs = step(inputs);
    return { ...outputs, ...gradientSquares(groups)(outputs), ...scaleOutputs(inputs) };
  };
}

/** `squares/<branch>` of `grad/<parameter>`. */
export const gradientSquares =
  (groups: readonly ParamGroup[]): TensorFunction =>
  (gradients) => {
    const squares: Record<string, tf.Tensor> = {};
    for (const { branch, parameters } of groups)
      for (const { name } of parameters) {
        const square = tf.sum(tf.square(gradients[`grad/${name}`]!));
        const sum = squares[`squares/${branch}`];
        squares[`squares/${branch}`] = sum ? tf.add(sum, square) : square;
      }
    return squares;
  };

/** Of the loss `temperature` and, where it has a bias, `negative_bias`. */
export const scaleOutputs: TensorFunction = ({ logit_scale: scale, logit_bias: bias }) => ({
  temperature: tf.exp(tf.neg(scale!)),
  ...(bias ? { negative_bias: tf.neg(bias) } : {}),
});

/** The numbers that a group's update takes beside its arrays: see `adamw`. */
export const updateNumbers = ({ branch, rate }: Pick<ParamGroup, 'branch' | 'rate'>) =>
  ({ factor: `factor/${branch}`, rate: `rate/${rate}`, stepSize: `step_size/${rate}` }) as const;

/**
 * The update as one pure function: parameters, moments `exp_avg/` and `exp_avg_sq/`, gradients and statistics in, what they become out, under
 * the same names. The same AdamW, decay, clamp of the temperature and running statistics as on the host.
 */
export function updateOnDevice(
  config: Pick<RunConfig, 'optimizer'>,
  groups: readonly ParamGroup[],
  scale: { lowest: number; highest: number } | null,
  statistics: readonly string[],
  momentum: number,
): TensorFunction {
  const { beta1, beta2, eps } = config.optimizer;
  return (inputs) => {
    const next: Record<string, tf.Tensor> = {};
    for (const group of groups) {
      const { layerShare, weightDecay, parameters } = group;
      const numbers = updateNumbers(group);
      const decay = tf.mul(inputs[numbers.rate]!, layerShare * weightDecay);
      const stepSize = tf.mul(inputs[numbers.stepSize]!, layerShare);
      for (const { name } of parameters) {
        const gradient = tf.mul(inputs[`grad/${name}`]!, inputs[numbers.factor]!);
        const first = tf.add(tf.mul(inputs[`exp_avg/${name}`]!, beta1), tf.mul(gradient, 1 - beta1));
        const second = tf.add(
          tf.mul(inputs[`exp_avg_sq/${name}`]!, beta2),
          tf.mul(tf.square(gradient), 1 - beta2),
        );
        const decayed = tf.sub(inputs[name]!, tf.mul(inputs[name]!, decay));
        const divisor = tf.add(tf.mul(tf.sqrt(second), inputs['root']!), eps);
        const moved = tf.sub(decayed, tf.mul(stepSize, tf.div(first, divisor)));
        next[name] =
          scale && name === 'logit_scale' ? tf.clipByValue(moved, scale.lowest, scale.highest) : moved;
        next[`exp_avg/${name}`] = first;
        next[`exp_avg_sq/${name}`] = second;
      }
    }
    for (const name of statistics) {
      const running = runningName(name);
      next[running] = tf.add(tf.mul(inputs[running]!, 1 - momentum), tf.mul(inputs[name]!, momentum));
    }
    return next;
  };
}

/** `<layer>.running_mean` for `stat/<layer>.batch_mean`. */
export const runningName = (statistic: string): string =>
  statistic.slice('stat/'.length).replace(/batch_(mean|var)$/, 'running_$1');

/** What `updateOnDevice` takes. */
export function updateSpecs(
  model: Model,
  groups: readonly ParamGroup[],
  statistics: readonly string[],
): Record<string, TensorSpec> {
  const specs: Record<string, TensorSpec> = {};
  const add = (name: string, shape: readonly number[]): void => {
    specs[name] = { shape: [...shape], dtype: 'float32' };
  };
  for (const group of groups) {
    for (const { name, shape } of group.parameters)
      for (const array of [name, `grad/${name}`, `exp_avg/${name}`, `exp_avg_sq/${name}`]) add(array, shape);
    for (const name of Object.values(updateNumbers(group))) add(name, []);
  }
  add('root', []);
  const shapes = new Map(model.parameters.map((spec) => [spec.name, spec.shape]));
  for (const name of statistics) {
    const shape = shapes.get(runningName(name))!;
    add(name, shape);
    add(runningName(name), shape);
  }
  return specs;
}
