import { durationLeft } from '../text/duration-left.ts';
import { byteSize } from '../text/numbers.ts';
import type { FileProgress, HubFile } from './hub-file.ts';
import type { HubOptions } from './hub-request.ts';
import { t } from '../text/say.ts';

const sayEveryMs = 500;
/** The log has a line so often. */
const logEveryMs = 10_000;

/** Adds up how far the files of a model are. */
export interface HubMeter {
  file(file: Pick<HubFile, 'path' | 'size'>): FileProgress;
}

export function hubMeter(name: string, { onProgress, say }: HubOptions): HubMeter {
  let [done, total] = [0, 0];
  /** Bytes that came earlier say nothing of how fast it is now. */
  let before = 0;
  let left: ReturnType<typeof durationLeft> | null = null;
  let saidAt = -Infinity;
  let loggedAt = Date.now();
  const tell = (): void => {
    const now = Date.now();
    const isWhole = done === total;
    if (now - saidAt < sayEveryMs && !isWhole) return;
    saidAt = now;
    const leftMs = isWhole ? 0 : left!(Math.max(0, done - before), total - before);
    onProgress?.({ name, done, total, leftMs });
    if (now - loggedAt < logEveryMs) return;
    loggedAt = now;
    say?.(t('{0}: {1} of {2}.', name, byteSize(done), byteSize(total)));
  };
  return {
    file({ path, size }) {
      let at: number | null = null;
      total += size;
      return {
        at(bytes) {
          left ??= durationLeft();
          if (at === null) {
            if (bytes < size) say?.(t('Fetching {0} of {1} ({2}).', path, name, byteSize(size)));
            before += bytes;
          }
          done += bytes - (at ?? 0);
          at = bytes;
          tell();
        },
      };
    },
  };
}
