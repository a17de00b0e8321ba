/** What the command line's exit codes mean. */
export const exitCodes = {
  done: 0,
  /** Problems in the input: the experiment file or its data. */
  problems: 1,
  /** Wrong usage: an unknown option, a run that does not exist. */
  usage: 2,
  /** The run failed or diverged, or Tandem itself did. */
  failed: 3,
  /** Stopped, by Ctrl-C or by request. */
  stopped: 130,
} as const;
