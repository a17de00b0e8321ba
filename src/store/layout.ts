import { join } from 'node:path';

/** Every file name of a run folder, here and nowhere else. */
export const layout = {
  /** Identity, status and summary: rewritten whole by the run's writer. */
  run: (dir: string): string => join(dir, 'run.json'),
  /** Title, note, star, tags and colour, one change per line: any window may append. */
  annotations: (dir: string): string => join(dir, 'annotations.jsonl'),
  source: (dir: string): string => join(dir, 'experiment.yaml'),
  config: (dir: string): string => join(dir, 'config.json'),
  events: (dir: string): string => join(dir, 'events.jsonl'),
  /** A copy of the curves of a long run, for opening it fast. May be deleted. */
  curves: (dir: string): string => join(dir, '.curves'),
  log: (dir: string): string => join(dir, 'trainer.log'),
  tensorboard: (dir: string): string => join(dir, 'tensorboard'),
  checkpoints: (dir: string): string => join(dir, 'checkpoints'),
  /** Vectors of a folder's images or of captions, for searching. May be deleted. */
  indexes: (dir: string): string => join(dir, 'search'),
  index: (dir: string, name: string): string => join(dir, 'search', `${name}.safetensors`),
  /** What the model reached on other data, one evaluation a line. */
  evaluations: (dir: string): string => join(dir, 'evaluations.jsonl'),
  /** Room for a run's last words on a full disk. */
  reserve: (dir: string): string => join(dir, '.reserve'),
  /** There while someone wants the run to stop. */
  stop: (dir: string): string => join(dir, 'stop'),
  /** Who has been the writer: numbered files that only ever become more (see claim.ts). */
  claims: (dir: string): string => join(dir, 'claims'),
};
