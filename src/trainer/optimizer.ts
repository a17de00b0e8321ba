import type { Branch, OptimizerConfig } from '../experiment/config.ts';
import { adamw, decay, type AdamwSettings } from './adamw.ts';
import { eachStretch, idleRowsOf, reachedSquareSum, type IdleRows } from './idle-rows.ts';
import type { Arrays, ParameterSpec } from './model/parameter.ts';
import type { Model } from './model/model.ts';

/** Parameters of a branch that share a rate and a weight decay. */
export interface ParamGroup {
  branch: Branch;
  weightDecay: number;
  parameters: ParameterSpec[];
}

/** AdamW's memory: first and second moments by parameter, and how many updates they have seen. */
export interface OptimizerState {
  updates: number;
  firstMoments: Arrays;
  secondMoments: Arrays;
}

export type Rates = Record<Branch, number>;

/** What one step did. */
export interface UpdateReport {
  /** L2 norms before clipping; only branches that learn. */
  norms: Partial<Rates>;
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
  /** One AdamW update of `parameters` in place with the gradients `grad/<name>`; skipped when a norm is not finite. */
  update(
    parameters: Arrays,
    gradients: Readonly<Record<string, ArrayLike<number>>>,
    rates: Rates,
  ): UpdateReport;
}

/**
 * AdamW over param groups: each branch that learns has one group with weight decay and one without (vectors and scalars: biases, norms and
 * the temperature). Moments start at zero or come from `state`. As torch.optim.AdamW after torch.nn.utils.clip_grad_norm_.
 */
export function createOptimizer(model: Model, config: OptimizerConfig, state?: OptimizerState): Optimizer {
  const groups = paramGroups(model, config.weight_decay);
  const learnt = groups.flatMap((group) => group.parameters);
  const ownState = state ?? {
    updates: 0,
    firstMoments: zerosFor(learnt),
    secondMoments: zerosFor(learnt),
  };
  const idle = new Map<string, IdleRows>();
  for (const { name, shape } of learnt) {
    const rows = idleRowsOf(shape, ownState.firstMoments[name]!, ownState.secondMoments[name]!);
    if (rows) idle.set(name, rows);
  }
  return {
    groups,
    state: ownState,
    update(parameters, gradients, rates) {
      const gradient = (name: string) => gradients[`grad/${name}`] as Float32Array;
      const norms: Partial<Rates> = {};
      for (const { branch, parameters: specs } of groups) {
        let sum = (norms[branch] ?? 0) ** 2;
        for (const { name } of specs) {
          const rows = idle.get(name);
          sum += rows ? reachedSquareSum(rows, gradient(name), squareSum) : squareSum(gradient(name));
        }
        norms[branch] = Math.sqrt(sum);
      }
      const norm = Math.hypot(...Object.values(norms));
      const notFinite = groups.filter(({ branch }) => !Number.isFinite(norms[branch]));
      const skippedBranch = notFinite.length === 0 ? null : largestOf(notFinite, parameters);
      if (skippedBranch) return { norms, norm, clipFactor: 1, skippedBranch };

      const factor = (branch: Branch) =>
        clipFactor(config.clip_by === 'branch' ? norms[branch]! : norm, config.clip_norm);
      ownState.updates++;
      for (const { branch, weightDecay, parameters: specs } of groups) {
        const settings = {
          ...config,
          rate: rates[branch],
          weightDecay,
          gradientFactor: factor(branch),
          updates: ownState.updates,
        };
        for (const { name } of specs)
          update(
            [parameters[name]!, gradient(name), ownState.firstMoments[name]!, ownState.secondMoments[name]!],
            settings,
            idle.get(name),
          );
      }
      return {
        norms,
        norm,
        clipFactor: Math.min(...groups.map(({ branch }) => factor(branch)), 1),
        skippedBranch,
      };
    },
  };
}

/** Two groups per branch; a parameter with fewer than two axes is never decayed. */
export function paramGroups(model: Model, weightDecay: number): ParamGroup[] {
  const groups: ParamGroup[] = [];
  for (const spec of model.parameters) {
    if (!model.learns(spec)) continue;
    const decay = spec.shape.length >= 2 ? weightDecay : 0;
    let group = groups.find((other) => other.branch === spec.branch && other.weightDecay === decay);
    if (!group) groups.push((group = { branch: spec.branch, weightDecay: decay, parameters: [] }));
    group.parameters.push(spec);
  }
  return groups;
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

type Moving = [
  parameter: Float32Array,
  gradient: Float32Array,
  firstMoment: Float32Array,
  secondMoment: Float32Array,
];

/** AdamW of a whole parameter; rows of a large table that are still idle only decay. */
function update(arrays: Moving, settings: AdamwSettings, rows: IdleRows | undefined): void {
  if (!rows) return adamw(...arrays, settings);
  eachStretch(rows, (start, end, isIdle) => {
    if (isIdle) decay(arrays[0], settings, start, end);
    else adamw(...arrays, settings, start, end);
  });
}

function squareSum(values: Float32Array, start = 0, end = values.length): number {
  // Four sums: additions of one wait for each other. Begun one by one: V8 boxes numbers that are destructured from an array.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = start;
  for (; i + 3 < end; i += 4) {
    a += values[i]! * values[i]!;
    b += values[i + 1]! * values[i + 1]!;
    c += values[i + 2]! * values[i + 2]!;
    d += values[i + 3]! * values[i + 3]!;
  }
  for (; i < end; i++) a += values[i]! * values[i]!;
  return a + b + c + d;
}

function zerosFor(specs: readonly ParameterSpec[]): Arrays {
  return Object.fromEntries(
    specs.map((spec) => [
      spec.name,
      new Float32Array(spec.shape.reduce((product, side) => product * side, 1)),
    ]),
  );
}
