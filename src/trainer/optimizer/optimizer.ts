import type { Branch, OptimizerConfig } from '../../experiment/config.ts';
import { adamw, decay, gradientSquares, type AdamwSettings } from './adamw.ts';
import type { Values } from '../engines/engine.ts';
import { eachStretch, idleRowsOf, reachedSquareSum, type IdleRows } from './idle-rows.ts';
import type { Arrays, ParameterSpec } from '../model/parameter.ts';
import type { Model } from '../model/model.ts';
import { trainableArrays, type TrainableArrays } from './simd/trainable-arrays.ts';

/** Parameters of a branch that share a rate and a weight decay. */
export interface ParamGroup {
  branch: Branch;
  /** Which of the rates it has, and the share of it that its layer has. */
  rate: RateName;
  layerShare: number;
  weightDecay: number;
  parameters: ParameterSpec[];
}

/** AdamW's memory: first and second moments by parameter, and how many updates they have seen. */
export interface OptimizerState {
  updates: number;
  firstMoments: Arrays;
  secondMoments: Arrays;
}

/** The branches' own, and those of the encoders' projections where they are not the fusion's. */
export type RateName = Branch | 'image_head' | 'text_head';

export type LearningRates = Record<Branch, number> & Partial<Record<RateName, number>>;

/** What one step did. */
export interface UpdateReport {
  /** L2 norms before clipping; only branches that learn. */
  norms: Partial<LearningRates>;
  /** Over all branches. */
  norm: number;
  /** What gradients were multiplied with; by branch: the smallest factor. */
  clipFactor: number;
  /**
   * Branch whose norm is not finite: nothing was changed. A NaN in the loss makes all of them so; then it is the one with the largest
   * weight, which is where it came from.
   */
  skippedBranch: Branch | null;
}

export interface Optimizer {
  groups: ParamGroup[];
  state: OptimizerState;
  /** Where gradients are looked for, as `grad/<parameter>`: let a compiled step write them there, and nothing is copied. */
  gradients: Values;
  /** One AdamW update of the parameters in place with the gradients `grad/<parameter>`; skipped when a norm is not finite. */
  update(gradients: Readonly<Values>, rates: LearningRates): UpdateReport;
}

/**
 * AdamW over param groups: each branch that learns has one group with weight decay and one without (vectors and scalars: biases, norms and
 * the temperature). Moments start at zero or come from `state`. The parameters that learn move to the optimizer's memory: `arrays` gets the
 * new arrays. As torch.optim.AdamW after torch.nn.utils.clip_grad_norm_.
 */
export function createOptimizer(
  model: Model,
  config: OptimizerConfig,
  arrays: Arrays,
  from?: OptimizerState,
): Optimizer {
  const groups = paramGroups(model, config);
  const trainable = groups.flatMap((group) => group.parameters);
  const own = trainableArrays(new Map(trainable.map(({ name }) => [name, arrays[name]!.length])));
  const idle = new Map<string, IdleRows>();
  const state: OptimizerState = { updates: from?.updates ?? 0, firstMoments: {}, secondMoments: {} };
  const gradients: Values = {};
  for (const { name, shape } of trainable) {
    const its = own.get(name)!;
    its.parameter.set(arrays[name]!);
    if (from) {
      its.first.set(from.firstMoments[name]!);
      its.second.set(from.secondMoments[name]!);
    }
    arrays[name] = its.parameter;
    state.firstMoments[name] = its.first;
    state.secondMoments[name] = its.second;
    gradients[`grad/${name}`] = its.gradient;
    const rows = idleRowsOf(shape, its);
    if (rows) idle.set(name, rows);
  }

  const normsOf = (): Partial<LearningRates> => {
    const squares: Partial<LearningRates> = {};
    for (const { branch, parameters } of groups)
      for (const { name } of parameters) {
        const rows = idle.get(name);
        const its = own.get(name)!;
        squares[branch] =
          (squares[branch] ?? 0) + (rows ? reachedSquareSum(rows, its) : gradientSquares(its));
      }
    for (const branch in squares) squares[branch as Branch] = Math.sqrt(squares[branch as Branch]!);
    return squares;
  };

  return {
    groups,
    state,
    gradients,
    update(given, rates) {
      for (const name in gradients) if (given[name] !== gradients[name]) gradients[name]!.set(given[name]!);
      const { factor, report } = clipping(groups, config, normsOf(), arrays);
      if (report.skippedBranch) return report;
      state.updates++;
      for (const { branch, rate, layerShare, weightDecay, parameters } of groups) {
        const settings = {
          ...config,
          learningRate: rates[rate]! * layerShare,
          weightDecay,
          gradientFactor: factor(branch),
          updates: state.updates,
        };
        for (const { name } of parameters) update(own.get(name)!, settings, idle.get(name));
      }
      return report;
    },
  };
}

/** What the branches' norms come to: how gradients are clipped, or that the step is skipped. `weights` are looked at then only. */
export function clipping(
  groups: readonly ParamGroup[],
  config: Pick<OptimizerConfig, 'clip_by' | 'clip_norm'>,
  norms: Partial<LearningRates>,
  weights: Arrays,
): { factor: (branch: Branch) => number; report: UpdateReport } {
  const norm = Math.hypot(...Object.values(norms));
  const factor = (branch: Branch) =>
    clipFactor(config.clip_by === 'branch' ? norms[branch]! : norm, config.clip_norm);
  const notFinite = groups.filter(({ branch }) => !Number.isFinite(norms[branch]));
  if (notFinite.length > 0)
    return {
      factor,
      report: { norms, norm, clipFactor: 1, skippedBranch: largestOf(notFinite, weights) },
    };
  const smallest = Math.min(...groups.map(({ branch }) => factor(branch)), 1);
  return { factor, report: { norms, norm, clipFactor: smallest, skippedBranch: null } };
}

/** Parameters of a branch by their weight decay, rate and layer; one with fewer than two axes is never decayed. */
function paramGroups(model: Model, config: OptimizerConfig): ParamGroup[] {
  const groups: ParamGroup[] = [];
  for (const spec of model.parameters) {
    if (!model.isTrainable(spec)) continue;
    const own = {
      branch: spec.branch,
      rate: rateOf(spec, config),
      layerShare: layerShare(spec, model, config),
      weightDecay: spec.shape.length >= 2 ? config.weight_decay : 0,
    };
    let group = groups.find((other) =>
      Object.entries(own).every(([key, value]) => other[key as 'rate'] === value),
    );
    if (!group) groups.push((group = { ...own, parameters: [] }));
    group.parameters.push(spec);
  }
  return groups;
}

// Configs of earlier versions have no rates of heads and no layer decay.
const rateOf = ({ branch, head }: ParameterSpec, { head_rate }: OptimizerConfig): RateName =>
  head && typeof head_rate?.[head] === 'number' ? `${head}_head` : branch;

/** As BEiT and timm count: what stands above the layers has the whole rate, the highest layer the decay once. */
function layerShare(
  { branch, layer }: ParameterSpec,
  { layers }: Model,
  { layer_decay: decay }: OptimizerConfig,
): number {
  if (layer === undefined || (decay ?? 1) === 1 || (branch !== 'image' && branch !== 'text')) return 1;
  return decay ** (layers[branch] + 1 - layer);
}

function largestOf(groups: readonly ParamGroup[], parameters: Arrays): Branch {
  let largest = -1;
  let branch = groups[0]!.branch;
  for (const group of groups)
    for (const { name } of group.parameters)
      for (const value of parameters[name]!)
        if (Math.abs(value) > largest) {
          largest = Math.abs(value);
          branch = group.branch;
        }
  return branch;
}

/** torch's clip_grad_norm_. */
function clipFactor(norm: number, limit: number | null): number {
  return limit === null ? 1 : Math.min(1, limit / (norm + 1e-6));
}

/** AdamW of a whole parameter; rows of a large table that are still idle only decay. */
function update(arrays: TrainableArrays, settings: AdamwSettings, rows: IdleRows | undefined): void {
  if (!rows) return adamw(arrays, settings);
  eachStretch(rows, (start, end, isIdle) => (isIdle ? decay : adamw)(arrays, settings, start, end));
}
