import type { ScheduleConfig } from '../../experiment/config.ts';

/**
 * The share of a peak learning rate for each update, given how many updates came before it (0 for the first): transformers'
 * get_constant/linear/cosine/inverse_sqrt_schedule_with_warmup, which end at `final_fraction` instead of 0.
 * With a warm-up the first update's rate is therefore 0, as there.
 */
export function createSchedule(
  { kind, warmup, final_fraction: final }: ScheduleConfig,
  steps: number,
): (step: number) => number {
  const decay = decays[kind];
  return (step) => {
    if (step < warmup) return step / Math.max(1, warmup);
    return decay(step, warmup, steps, final);
  };
}

type Decay = (step: number, warmup: number, steps: number, final: number) => number;

const decays: Record<ScheduleConfig['kind'], Decay> = {
  constant: () => 1,
  linear: (step, warmup, steps, final) => final + (1 - final) * (1 - progress(step, warmup, steps)),
  cosine: (step, warmup, steps, final) =>
    final + (1 - final) * 0.5 * (1 + Math.cos(Math.PI * progress(step, warmup, steps))),
  // 1 at the end of the warm-up, then 1 / sqrt of the steps in units of it (10,000 without one); never below the final share.
  inverse_sqrt: (step, warmup, _steps, final) => {
    const timescale = warmup || 10_000;
    return Math.max(final, 1 / Math.sqrt((step + timescale - warmup) / timescale));
  },
};

function progress(step: number, warmup: number, steps: number): number {
  return Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
}
