/** Prepared things in their order, made ahead of being asked for. */
export interface Prefetch<Thing> {
  get(epoch: number, index: number): Promise<Thing>;
  /** Waits for what is being made. */
  close(): Promise<void>;
}

/** Things made at once: while one waits for its last parts, who makes parts goes on with the next. */
const atOnce = 2;

/**
 * Keeps up to `ahead` things after the last one asked for in the making, `atOnce` in their order, across the ends of epochs if `goOn`.
 * Asking for another place drops what was made for the old one.
 */
export function prefetched<Thing>(
  make: (epoch: number, index: number) => Promise<Thing>,
  ahead: number,
  perEpoch: number,
  goOn: boolean,
): Prefetch<Thing> {
  const made = new Map<number, Entry<Thing>>();
  const last: Promise<unknown>[] = Array.from({ length: atOnce }, () => Promise.resolve());
  let isClosed = false;

  const start = (place: number): Entry<Thing> => {
    const known = made.get(place);
    if (known) return known;
    const thing = last.shift()!.then(() => {
      // Dropped or closed before its turn came, and nobody waits for it.
      if (isClosed || (!entry.isAskedFor && made.get(place) !== entry)) throw new Error('No longer wanted.');
      return make(Math.floor(place / perEpoch), place % perEpoch);
    });
    const entry: Entry<Thing> = { thing, isAskedFor: false };
    made.set(place, entry);
    last.push(thing.catch(() => undefined));
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
      await Promise.all(last);
      made.clear();
    },
  };
}

interface Entry<Thing> {
  thing: Promise<Thing>;
  isAskedFor: boolean;
}
