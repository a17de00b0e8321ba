/** Inputs that come one by one, computed together with others of their group. */
export interface Gathered<Input, Output> {
  add(input: Input, group: number): Promise<Output>;
  /** Computes what waits, also where that is less than a batch. */
  flush(): void;
}

interface Waiting<Input, Output> {
  input: Input;
  done: (output: Output) => void;
  failed: (error: unknown) => void;
}

/** Computes `size` inputs of a group at once, one batch after the other. */
export function gathered<Input, Output>(
  size: number,
  compute: (inputs: Input[], group: number) => Promise<Output[]>,
): Gathered<Input, Output> {
  const waiting = new Map<number, Waiting<Input, Output>[]>();
  let last: Promise<void> = Promise.resolve();

  const run = async (batch: Waiting<Input, Output>[], group: number): Promise<void> => {
    try {
      const outputs = await compute(
        batch.map(({ input }) => input),
        group,
      );
      batch.forEach(({ done }, at) => done(outputs[at]!));
    } catch (error) {
      for (const { failed } of batch) failed(error);
    }
  };
  const flush = (group: number): void => {
    const batch = waiting.get(group);
    waiting.delete(group);
    if (batch) last = last.then(() => run(batch, group));
  };
  return {
    add: (input, group) =>
      new Promise((done, failed) => {
        const batch = waiting.get(group) ?? [];
        waiting.set(group, batch);
        batch.push({ input, done, failed });
        if (batch.length === size) flush(group);
      }),
    flush: () => [...waiting.keys()].forEach(flush),
  };
}
