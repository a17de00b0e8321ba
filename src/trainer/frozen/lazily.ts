/** A thing that takes memory and is only sometimes needed. */
export interface Lazily<Thing> {
  /** Makes it at the first call and at the first after `dispose`. */
  get(): Promise<Thing>;
  dispose(): Promise<void>;
}

export function lazily<Thing extends { dispose(): Promise<void> | void }>(
  make: () => Promise<Thing>,
): Lazily<Thing> {
  let made: Promise<Thing> | null = null;
  return {
    get: () => (made ??= make()),
    async dispose() {
      const thing = await made?.catch(() => null);
      made = null;
      await thing?.dispose();
    },
  };
}
