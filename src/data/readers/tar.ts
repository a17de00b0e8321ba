import { HumanError } from '../../protocol/human-error.ts';
import { counted } from '../../text/numbers.ts';
import { listed, plural, shortened } from '../../text/words.ts';
import { IntColumn } from '../columns/int-column.ts';
import type { PairBuilder } from '../pair-builder.ts';
import type { ImageSource } from '../pair-set.ts';
import { missingColumn } from './columns.ts';
import type { ReadContext } from './context.ts';
import { fileError } from './file-errors.ts';
import { openShards, type ShardBytes, type Shards } from './shard-bytes.ts';
import { shardNames } from './shard-names.ts';
import { captionReader } from './tar-captions.ts';
import { indexTar, type TarIndex } from './tar-index.ts';
import { tarSamples, type TarSample } from './tar-samples.ts';
import { said, t } from '../../text/say.ts';

/** Reads WebDataset shards: the members of a sample share a key; its caption is a txt, text, caption or json member. */
export async function readTar(context: ReadContext): Promise<ImageSource> {
  const { builder, files, config } = context;
  const shards = openShards(files);
  const places = new ImagePlaces();
  const captions = captionReader(config);
  const names = shardNames(files);
  try {
    for (const [index, name] of names.entries()) {
      context.signal?.throwIfAborted();
      const bytes = await shards.get(index);
      for (const sample of await samplesOf(context, bytes, { name, file: files[index]! })) {
        builder.rows++;
        const member = `${name}/${shortened(sample.key, 100)}`;
        if (!sample.image) {
          builder.bad(member, null, t('no image of this key in the shard{0}', partsOf(sample)));
          continue;
        }
        const { texts, faults, split } = await captions.of(sample, bytes);
        for (const fault of faults) builder.bad(member, null, fault);
        if (texts.length === 0) continue;
        const key = uniqueKey(builder, `${name}/${sample.image.name.replace(/^(?:\.\/)+/, '')}`);
        for (const text of texts) builder.add(key, text, 0, split);
        places.add(index, sample.image.offset, sample.image.length);
      }
    }
    if (captions.splitIsMissing()) throw missingColumn(captions.keys(), config.split_by, 'split', names[0]!);
  } catch (error) {
    await shards.close();
    throw error;
  }
  await shards.release();
  return places.source(files, shards);
}

/** The samples of a shard; what is not read of it is noted. */
async function samplesOf(
  { builder }: ReadContext,
  bytes: ShardBytes,
  { name, file }: { name: string; file: string },
): Promise<TarSample[]> {
  const { members, cut, unread, unlinked } = await indexed(bytes, name, file);
  const { samples, joined } = tarSamples(members);
  if (cut) {
    // What was being written when the archive ended may lack parts: it is left out whole.
    const lost = isCut(samples.at(-1), cut.member) ? samples.pop() : undefined;
    const what = cut.member ?? lost?.key ?? null;
    builder.note(
      t(
        '{0} is not whole: {1}{2}; what comes before was read.',
        name,
        cut.reason,
        what ? t(', in {0}', shortened(what, 100)) : '',
      ),
    );
  }
  if (unread > 0)
    builder.note(
      plural(
        unread,
        '1 byte after the end of {1} is no archive and was not read.',
        '{0} bytes after the end of {1} are no archive and were not read.',
        name,
      ),
    );
  if (unlinked.length > 0)
    builder.note(
      plural(
        unlinked.length,
        '1 link in {1} leads to no file of it: {2}.',
        '{0} links in {1} lead to no file of it: {2}.',
        name,
        listed(unlinked.slice(0, 3).map((link) => shortened(link, 100))),
      ),
    );
  if (joined > 0)
    builder.note(
      t(
        '{0} has images and captions that do not stand together; {1} were joined by their names.',
        name,
        counted(joined),
      ),
    );
  return samples;
}

async function indexed(bytes: ShardBytes, name: string, file: string): Promise<TarIndex> {
  const index = await indexTar(bytes).catch((error: unknown) => {
    throw fileError(file, error);
  });
  if (index === null)
    throw new HumanError(
      said('{0} is no tar archive.', name),
      said('Look at data.pairs and data.format.'),
      'bad_file',
    );
  return index;
}

/** The key, or one with a number where it stands for another image already, as in archives put behind each other. */
function uniqueKey({ images }: PairBuilder, key: string): string {
  for (let again = 2, unique = key; ; unique = `${key} (${again++})`) {
    const known = images.count;
    images.intern(unique);
    if (images.count > known) return unique;
  }
}

/** What a sample without an image has in its place. */
function partsOf({ others }: TarSample): string {
  return others.length === 0
    ? ''
    : t('; it has {0}', listed(others.slice(0, 5).map((part) => shortened(part, 30))));
}

/** Whether the last sample is the one that the end of the archive cut. */
function isCut(last: TarSample | undefined, cutMember: string | null): boolean {
  if (!last) return false;
  if (cutMember !== null) return cutMember.startsWith(`${last.key}.`);
  return last.image === null || last.texts.size === 0;
}

/** Where each image lies: 12 bytes an image. */
class ImagePlaces {
  private readonly shards = new IntColumn();
  private readonly lengths = new IntColumn();
  /** Units of 512 bytes: 32 bits reach a terabyte. */
  private readonly blocks = new IntColumn();

  add(shard: number, offset: number, length: number): void {
    this.shards.push(shard);
    this.blocks.push(offset / 512);
    this.lengths.push(length);
  }

  source(files: string[], open: Shards): ImageSource {
    const shards = this.shards.finish();
    const blocks = this.blocks.finish();
    const lengths = this.lengths.finish();
    return {
      async load(imageId) {
        const image = Buffer.allocUnsafe(lengths[imageId]!);
        const bytes = await open.get(shards[imageId]!);
        await bytes.read(image, blocks[imageId]! * 512);
        return image;
      },
      async stamp(imageId) {
        const shard = shards[imageId]!;
        return `${files[shard]!}\n${await open.stamp(shard)}\n${blocks[imageId]!}\n${lengths[imageId]!}`;
      },
      close: () => open.close(),
      bytes: 12 * shards.length,
    };
  }
}
