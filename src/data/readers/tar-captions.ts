import { listed, shortened } from '../../text/words.ts';
import type { PairsConfig } from '../pair-set.ts';
import { captionsOf, textOf, type Captions } from './captions.ts';
import { captionOfFile } from './folder.ts';
import { JsonFault, parseJson } from './json-text.ts';
import type { ShardBytes } from './shard-bytes.ts';
import type { TarMember } from './tar-index.ts';
import type { TarSample } from './tar-samples.ts';
import { t } from '../../text/say.ts';

export interface CaptionReader {
  of(sample: TarSample, shard: ShardBytes): Promise<Captions & { split?: string | undefined }>;
  /** Keys that the json members have had. */
  keys(): string[];
  /** Whether the split is by a key that none of them has had. */
  splitIsMissing(): boolean;
}

/** No caption is longer, and a damaged header may claim any length. */
const longestText = 1 << 26;

/** Reads the captions of samples: the first of txt, text and caption that is there, or else the caption column of json. */
export function captionReader({ caption_column: column, split_by: splitBy }: PairsConfig): CaptionReader {
  const isOwnColumn = splitBy !== 'image' && splitBy !== 'caption';
  const keys = new Set<string>();
  return {
    async of({ texts }, shard) {
      const plain = await plainCaption(texts, shard);
      const json = texts.get('json');
      if (!json || (plain?.texts.length && !isOwnColumn)) return plain ?? noCaption(t('no caption'));
      const record = await recordIn(json, shard);
      if (typeof record === 'string') return plain ?? noCaption(record);
      for (const key in record) if (keys.size < 1000) keys.add(key);
      const split = isOwnColumn && splitBy in record ? textOf(record[splitBy]) : undefined;
      if (plain?.texts.length) return { ...plain, split };
      if (column in record) return { ...captionsOf(record[column]), split };
      if (plain) return plain;
      const there = Object.keys(record)
        .slice(0, 5)
        .map((key) => shortened(key, 30));
      return noCaption(
        t('no caption: its json has no {0}, but {1}', shortened(column, 30), listed(there) || t('nothing')),
      );
    },
    keys: () => [...keys],
    splitIsMissing: () => isOwnColumn && !keys.has(splitBy),
  };
}

const noCaption = (fault: string): Captions => ({ texts: [], faults: [fault] });

/** What the first plain text with a caption says, or what is wrong with the last; null when there is no such text. */
async function plainCaption(texts: TarSample['texts'], shard: ShardBytes): Promise<Captions | null> {
  let found: Captions | null = null;
  for (const part of ['txt', 'text', 'caption']) {
    const member = texts.get(part);
    if (!member || found?.texts.length) continue;
    const bytes = await bytesOf(member, shard);
    const { text, fault } = bytes
      ? captionOfFile(bytes)
      : { text: '', fault: t('its text is larger than 64 MB') };
    found = fault === null ? { texts: [text], faults: [] } : noCaption(fault);
  }
  return found;
}

/** The object in a json member, or what is wrong with it. */
async function recordIn(member: TarMember, shard: ShardBytes): Promise<Record<string, unknown> | string> {
  const bytes = await bytesOf(member, shard);
  if (!bytes) return t('its json is larger than 64 MB');
  try {
    const value = parseJson(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof JsonFault) return t('its json is not JSON');
    throw error;
  }
}

async function bytesOf({ offset, length }: TarMember, shard: ShardBytes): Promise<Buffer | null> {
  if (length > longestText) return null;
  const bytes = Buffer.allocUnsafe(length);
  await shard.read(bytes, offset);
  return bytes;
}
