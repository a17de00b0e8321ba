import { counted } from '../text/numbers.ts';
import { plural, shortened } from '../text/words.ts';
import { noneThere } from './none-there.ts';
import type { PairBuilder } from './pair-builder.ts';
import type { ImageFiles, ImageSource } from './pair-set.ts';
import { lookForImages } from './presence.ts';
import { t } from '../text/say.ts';

export interface LeaveOutOptions {
  /** Name of the pairs file, for messages. */
  name: string;
  /** Also opens images. */
  open: boolean | undefined;
  signal: AbortSignal | undefined;
}

/**
 * Takes the pairs out again whose images are not there, and, if asked, those whose images cannot be decoded. Rejects with a HumanError
 * (`no_pairs`) when no image is there.
 */
export async function leaveOutBadImages(
  builder: PairBuilder,
  source: ImageSource,
  options: LeaveOutOptions,
): Promise<void> {
  const named = options.open ? builder.usedImages() : [];
  const missing = source.files ? await leaveOutMissing(builder, source.files, options) : new Set<number>();
  if (options.open) await leaveOutUndecodable(builder, source, named, missing, options);
}

async function leaveOutMissing(
  builder: PairBuilder,
  { root, places: found }: ImageFiles,
  { name, signal }: LeaveOutOptions,
): Promise<Set<number>> {
  const { missing, places } = await lookForImages(builder.images, root, signal);
  for (const [id, path] of places) found.set(id, path);
  if (places.size > 0)
    builder.note(
      plural(
        places.size,
        '1 image has a name whose letters are stored in another form of Unicode on the disk than in {1}; it is used.',
        '{0} images have names whose letters are stored in another form of Unicode on the disk than in {1}; they are used.',
        name,
      ),
    );
  if (missing.size === 0) return new Set();
  const keys = [...missing.keys()].map((id) => builder.images.get(id));
  if (missing.size === builder.images.count)
    throw await noneThere(keys, missing.values().next().value!, { name, root });
  const list = keys.slice(0, 10).map((key) => shortened(key, 100));
  builder.note(
    t(
      '{0} not there: {1}{2}.',
      plural(missing.size, '1 image is', '{0} images are'),
      list.join(', '),
      missing.size > list.length ? '...' : '',
    ),
  );
  builder.dropImages(new Map([...missing].map(([id, { reason }]) => [id, reason])), name);
  return new Set(missing.keys());
}

/** @param named all images that rows name, `missing` among them: a sample is of them all, so that its share of bad ones is that of the whole */
async function leaveOutUndecodable(
  builder: PairBuilder,
  source: ImageSource,
  named: number[],
  missing: ReadonlySet<number>,
  { name, signal }: LeaveOutOptions,
): Promise<void> {
  const { chosen, inspectImages } = await import('./inspect.ts');
  const looked = chosen(named);
  const opened = looked.filter((id) => !missing.has(id));
  const { bad, looked: good } = await inspectImages(opened, source, signal);
  builder.looked = good;
  await source.close();
  const reasons = new Map(
    [...bad].map(([id, why]) => [id, `${shortened(builder.images.get(id), 100)}: ${why}`]),
  );
  builder.dropImages(reasons, name);
  if (looked.length === named.length) return;
  builder.note(
    t(
      '{0} of the images were opened, spread evenly; the others when they are first used.',
      counted(opened.length),
    ),
  );
  if (bad.size > 0) builder.sample = { images: looked.length, bad: bad.size + looked.length - opened.length };
}
