import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { HumanError } from '../../protocol/human-error.ts';
import { IntColumn } from '../columns/int-column.ts';
import type { ImageSource } from '../pair-set.ts';
import { openForReading } from './file-errors.ts';
import { missingColumn } from './columns.ts';
import type { ReadContext } from './context.ts';
import { textOf } from './captions.ts';
import { openFiles } from './open-files.ts';
import { indexTar, type TarIndex } from './tar-index.ts';
import { tarSamples, type TarSample } from './tar-samples.ts';

/** Reads WebDataset shards: the members of a sample share a key; its caption is a txt, text, caption or json member. */
export async function readTar(context: ReadContext): Promise<ImageSource> {
  const { builder, files } = context;
  const images = new ImagePlaces();
  const isOwnColumn = context.config.split_by !== 'image' && context.config.split_by !== 'caption';
  const keys = new Set<string>();
  let sawSplit = !isOwnColumn;

  for (const [shard, file] of files.entries()) {
    context.signal?.throwIfAborted();
    const name = basename(file);
    const handle = await openForReading(file);
    try {
      const { members, cut } = await indexed(handle, file);
      const samples = tarSamples(members);
      if (cut) {
        // What was being written when the archive ended may lack parts: it is left out whole.
        const lost = isCut(samples.at(-1), cut.member) ? samples.pop() : undefined;
        const what = cut.member ?? lost?.key ?? null;
        builder.note(
          `${name} is not whole: ${cut.reason}${what ? `, in ${what}` : ''}; what comes before was read.`,
        );
      }
      for (const sample of samples) {
        builder.rows++;
        const found = await captionsOf(sample, handle, context, keys);
        sawSplit ||= found.split !== undefined;
        const member = `${name}/${sample.key}`;
        if (!sample.image) builder.bad(member, null, 'no image of this key in the shard');
        else if (found.captions.length === 0) builder.bad(member, null, found.reason);
        else {
          const before = builder.images.count;
          const key = `${name}/${sample.image.name}`;
          for (const caption of found.captions) builder.add(key, caption, 0, found.split);
          if (builder.images.count > before) images.add(shard, sample.image.offset, sample.image.length);
        }
      }
    } finally {
      await handle.close();
    }
  }
  if (!sawSplit) throw missingColumn([...keys], context.config.split_by, 'split', basename(files[0]!));
  return images.source(files);
}

async function indexed(handle: FileHandle, file: string): Promise<TarIndex> {
  const { size } = await handle.stat();
  try {
    return await indexTar(handle, size);
  } catch {
    throw new HumanError(
      `${basename(file)} is no tar archive.`,
      'A compressed one (.tar.gz) must be unpacked to .tar first.',
      'bad_file',
    );
  }
}

/** Whether the last sample is the one that the end of the archive cut. */
function isCut(last: TarSample | undefined, cutMember: string | null): boolean {
  if (!last) return false;
  if (cutMember !== null) return cutMember.startsWith(`${last.key}.`);
  return last.image === null || last.texts.size === 0;
}

interface FoundCaptions {
  captions: string[];
  split?: string | undefined;
  reason: string;
}

async function captionsOf(
  sample: TarSample,
  handle: FileHandle,
  { config }: ReadContext,
  keys: Set<string>,
): Promise<FoundCaptions> {
  const text = async (part: string): Promise<string> => {
    const member = sample.texts.get(part);
    if (!member) return '';
    const bytes = Buffer.alloc(member.length);
    await handle.read(bytes, 0, member.length, member.offset);
    return bytes.toString('utf8').trim();
  };
  const isOwnColumn = config.split_by !== 'image' && config.split_by !== 'caption';
  const plain = (await text('txt')) || (await text('text')) || (await text('caption'));
  if (plain !== '' && !isOwnColumn) return { captions: [plain], reason: '' };

  let record: Record<string, unknown> = {};
  try {
    const value: unknown = JSON.parse((await text('json')) || '{}');
    if (typeof value === 'object' && value !== null) record = value as Record<string, unknown>;
  } catch {
    if (plain === '') return { captions: [], reason: 'its json is not JSON' };
  }
  for (const key in record) if (keys.size < 1000) keys.add(key);
  const value = record[config.caption_column];
  const listed = (Array.isArray(value) ? value : [value]).map(textOf).filter((caption) => caption !== '');
  const split = isOwnColumn && config.split_by in record ? textOf(record[config.split_by]) : undefined;
  return { captions: plain === '' ? listed : [plain], split, reason: 'no caption' };
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

  source(files: string[]): ImageSource {
    const shards = this.shards.finish();
    const blocks = this.blocks.finish();
    const lengths = this.lengths.finish();
    const open = openFiles(32);
    return {
      async load(imageId) {
        const bytes = Buffer.allocUnsafe(lengths[imageId]!);
        const handle = await open.get(files[shards[imageId]!]!);
        await handle.read(bytes, 0, bytes.length, blocks[imageId]! * 512);
        return bytes;
      },
      async stamp(imageId) {
        const file = files[shards[imageId]!]!;
        return `${file}\n${await open.stamp(file)}\n${blocks[imageId]!}\n${lengths[imageId]!}`;
      },
      close: () => open.close(),
      bytes: 12 * shards.length,
    };
  }
}
