export interface Turns {
  /** Runs the task beside others. */
  together<Result>(task: () => Promise<Result>): Promise<Result>;
  /** Runs the task when nothing else runs; what is asked for later waits for it. */
  alone<Result>(task: () => Promise<Result>): Promise<Result>;
}

/** Turns in order of arrival for tasks of which most may run at once and some must run alone. */
export function turns(): Turns {
  const running = new Set<Promise<unknown>>();
  let lastAlone: Promise<unknown> = Promise.resolve();
  return {
    together(task) {
      const turn = lastAlone.then(task);
      running.add(turn);
      const done = (): boolean => running.delete(turn);
      turn.then(done, done);
      return turn;
    },
    alone(task) {
      const turn = Promise.allSettled([lastAlone, ...running]).then(task);
      lastAlone = turn.catch(() => undefined);
      return turn;
    },
  };
}
