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
  const made = new Map<number, Entry<Thing>>();
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  const start = (place: number): Entry<Thing> => {
    const known = made.get(place);
    if (known) return known;
    const thing = last.then(() => {
      // Dropped or closed before its turn came, and nobody waits for it.
      if (isClosed || (!entry.isAskedFor && made.get(place) !== entry)) throw new Error('No longer wanted.');
      return make(Math.floor(place / perEpoch), place % perEpoch);
    });
    const entry: Entry<Thing> = { thing, isAskedFor: false };
    made.set(place, entry);
    last = thing.catch(() => undefined);
    return entry;
  };

  return {
    get(epoch, index) {
      const place = epoch * perEpoch + index;
      for (const other of made.keys()) if (other < place || other > place + ahead) made.delete(other);
      const wanted = start(place);
      wanted.isAskedFor = true;
      const end = goOn ? Infinity : (epoch + 1) * perEpoch;
      for (let next = place + 1; next <= place + ahead && next < end; next++) start(next);
      return wanted.thing;
    },
    async close() {
      isClosed = true;
      await last;
      made.clear();
    },
  };
}

interface Entry<Thing> {
  thing: Promise<Thing>;
  isAskedFor: boolean;
}
