import type { RunStatus } from '../protocol/events.ts';

/** Paths of the statuses' icons on a 16 x 16 grid, drawn as lines: the same in the panel and the explorer. `warning` is a run that learnt nothing. */
export const statusShapes = {
  warning: 'M8 2.5L14 13H2zM8 6.5v3M8 11.3h.01',
  queued: 'M8 2.5a5.5 5.5 0 1 0 .01 0M8 5v3.2l2 1.3',
  running: 'M3 7.2A5.2 5.2 0 0 1 12.6 5M13 2.6V5.4h-2.8M13 8.8A5.2 5.2 0 0 1 3.4 11M3 13.4v-2.8h2.8',
  stopping: 'M4.5 4.5h7v7h-7z',
  stopped: 'M4.5 4.5h7v7h-7z',
  stopped_early: 'M3 5.5h5v5H3zM11 4v8M13.5 4v8',
  finished: 'M8 2.5a5.5 5.5 0 1 0 .01 0M5.4 8.2l1.9 1.9 3.4-3.9',
  failed: 'M8 2.5a5.5 5.5 0 1 0 .01 0M6 6l4 4M10 6l-4 4',
  diverged:
    'M8.3 1.8c.8 2.6 3.7 4 3.7 7.4a4 4 0 0 1-8 0c0-1.7.8-2.7 1.6-3.5.2 1 .6 1.5 1.2 1.7.4-2.2.6-3.8 1.5-5.6z',
  interrupted: 'M8 2.5a5.5 5.5 0 1 0 .01 0M4.3 11.7l7.4-7.4',
  log: 'M1.5 11.5l4-5 3 3 6-6',
} as const satisfies Record<RunStatus | 'warning', string>;
