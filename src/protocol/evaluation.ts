import type { Chance } from './chance.ts';

/** What a finished model reached on data that is not the run's own. */
export interface OtherEvaluation {
  kind: 'retrieval' | 'zero_shot';
  /** Unix ms. */
  time: number;
  /** The list of pairs; absolute. */
  data: string;
  /** Of the checkpoint, and whether it is the best or only the newest. */
  step: number;
  is_best: boolean;
  images: number;
  captions: number;
  /** Images that cannot be decoded or, in zero-shot classification, have no label. */
  left_out: number;
  /** `retrieval`: as an evaluation in training names them. `zero_shot`: `zero_shot/top1` and `zero_shot/top5`, shares. */
  metrics: Record<string, number>;
  chance: Record<string, Chance>;
  labels?: string[] | undefined;
  /** Each with `{}` where the label stands. */
  templates?: string[] | undefined;
  /** How many images of a label were taken for which; both are places among the labels, and what is 0 is left out. */
  confusion?: [label: number, taken: number, images: number][] | undefined;
}

export const zeroShotTop = (k: number): string => `zero_shot/top${k}`;
