/** Prepared things in their order, made ahead of being asked for. */
export interface Prefetch<Thing> {
  get(epoch: number, index: number): Promise<Thing>;
  /** Waits for what is being made. */
  close(): Promise<void>;
}

/**
 * Keeps up to `ahead` things after the last one asked for in the making, one after the other, across the ends of epochs if `goOn`.
 * Asking for another place drops what was made for the old one.
 */
export function prefetched<Thing>(
  make: (epoch: number, index: number) => Promise<Thing>,
  ahead: number,
  perEpoch: number,
  goOn: boolean,
): Prefetch<Thing> {
  const made = new Map<number, Promise<Thing>>();
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  const start = (place: number): Promise<Thing> => {
    const known = made.get(place);
    if (known) return known;
    const thing = last.then(() => {
      // Dropped or closed before its turn came.
      if (isClosed || made.get(place) !== thing) throw new Error('No longer wanted.');
      return make(Math.floor(place / perEpoch), place % perEpoch);
    });
    made.set(place, thing);
    last = thing.catch(() => undefined);
    return thing;
  };

  return {
    get(epoch, index) {
      const place = epoch * perEpoch + index;
      for (const other of made.keys()) if (other < place || other > place + ahead) made.delete(other);
      const wanted = start(place);
      const end = goOn ? Infinity : (epoch + 1) * perEpoch;
      for (let next = place + 1; next <= place + ahead && next < end; next++) start(next);
      return wanted;
    },
    async close() {
      isClosed = true;
      await last;
      made.clear();
    },
  };
}
