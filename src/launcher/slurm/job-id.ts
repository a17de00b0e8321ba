import type { RunJob } from '../../protocol/run.ts';

/** A run's job as Slurm's programs name it: `12`, or `12_3` of an array; `?` while it is being submitted. */
export const jobId = ({ id, task }: RunJob): string => (task === null ? (id ?? '?') : `${id ?? '?'}_${task}`);
