import { posix } from 'node:path';
import type { ShardBytes } from './shard-bytes.ts';
import { archiveFields, blockBytes, isHeader, paxRecords, textUpToZero } from './tar-header.ts';
import { t } from '../../text/say.ts';

/** A file inside a tar: its bytes are `length` bytes at `offset` of the archive. */
export interface TarMember {
  name: string;
  offset: number;
  length: number;
  /** Which of several archives that were put behind each other; 0 for the first. */
  archive: number;
}

export interface TarIndex {
  members: TarMember[];
  /** What is wrong with the end of the archive, and which member it cut; null when it ends as it should. */
  cut: { reason: string; member: string | null } | null;
  /** Bytes after the end of the archive that are neither padding nor another archive. */
  unread: number;
  /** Links to what the archive does not hold. */
  unlinked: string[];
}

const windowBytes = 1 << 13;
/** Headers that say something of the member after them; names and the like, which are short. */
const extensionTypes = new Set(['L', 'K', 'x']);
const longestExtension = 1 << 20;

/**
 * Lists the files of a tar (ustar, GNU and pax names; links to files of it stand for those) by jumping from header to header: the images
 * themselves are not read. Archives put behind each other are read one after the other. null when the first header is none.
 */
export async function indexTar(bytes: ShardBytes): Promise<TarIndex | null> {
  const index: TarIndex = { members: [], cut: null, unread: 0, unlinked: [] };
  const { size } = bytes;
  const read = windowReader(bytes);
  const links = linksOf(index);
  let extension: Extension = {};
  let archive = 0;
  /** Between the blocks of zeros that end an archive and what comes after them. */
  let hasEnded = false;
  const finish = (): TarIndex => {
    links.resolve();
    return index;
  };

  for (let at = 0; ;) {
    if (at + blockBytes > size) {
      if (!hasEnded && (at < size || extension.name !== undefined))
        index.cut = { reason: t('it ends early'), member: extension.name ?? null };
      if (hasEnded && (await read(at, size - at)).some((byte) => byte !== 0)) index.unread = size - at;
      return finish();
    }
    const header = await read(at, blockBytes);
    if (header.every((byte) => byte === 0)) {
      hasEnded = true;
      at += blockBytes;
      continue;
    }
    if (!isHeader(header)) {
      if (at === 0) return null;
      if (hasEnded) index.unread = size - at;
      else index.cut = { reason: t('it is damaged at byte {0}', at), member: null };
      return finish();
    }
    if (hasEnded) {
      links.resolve();
      archive++;
      hasEnded = false;
    }
    const fields = archiveFields(header);
    const length = extension.size ?? fields.length;
    const name = extension.name ?? fields.name;
    const link = extension.link ?? fields.link;
    const offset = at + blockBytes;
    const end = offset + Math.ceil(length / blockBytes) * blockBytes;
    if (!(length >= 0 && end <= size)) {
      index.cut = { reason: t('it ends early'), member: name };
      return finish();
    }
    if (extensionTypes.has(fields.type) && length > longestExtension) {
      index.cut = { reason: t('it is damaged at byte {0}', at), member: null };
      return finish();
    }
    const member = { name, offset, length, archive };
    if (fields.type === 'L') extension.name = textUpToZero(await read(offset, length));
    else if (fields.type === 'K') extension.link = textUpToZero(await read(offset, length));
    else if (fields.type === 'x') extension = { ...extension, ...paxRecords(await read(offset, length)) };
    else {
      if (fields.type === '0' || fields.type === '7') index.members.push(member);
      else if (fields.type === '1') links.add({ ...member, length: 0 }, link);
      else if (fields.type === '2')
        links.add({ ...member, length: 0 }, posix.join(posix.dirname(name), link));
      extension = {};
    }
    at = fields.type === '1' || fields.type === '2' ? offset : end;
  }
}

/** What headers of their own say about the member after them. */
interface Extension {
  name?: string;
  link?: string;
  size?: number;
}

/** Links of an archive, which stand where they are for the files that they lead to. */
function linksOf(index: TarIndex): { add(member: TarMember, target: string): void; resolve(): void } {
  let waiting: { at: number; target: string }[] = [];
  return {
    add(member, target) {
      waiting.push({ at: index.members.length, target: posix.normalize(target) });
      index.members.push(member);
    },
    resolve() {
      if (waiting.length === 0) return;
      const isWaiting = new Set(waiting.map(({ at }) => index.members[at]));
      const { archive } = index.members[waiting[0]!.at]!;
      const files = new Map<string, TarMember>();
      for (const member of index.members)
        if (member.archive === archive && !isWaiting.has(member))
          files.set(posix.normalize(member.name), member);
      const lost = new Set<TarMember>();
      // A link may lead to a link before it.
      for (const { at, target } of waiting) {
        const link = index.members[at]!;
        const file = files.get(target);
        if (file) {
          Object.assign(link, { offset: file.offset, length: file.length });
          files.set(posix.normalize(link.name), link);
        } else {
          lost.add(link);
          index.unlinked.push(link.name);
        }
      }
      if (lost.size > 0) index.members = index.members.filter((member) => !lost.has(member));
      waiting = [];
    },
  };
}

/** Reads small pieces through a window of 8 KiB, so that headers close together cost one read. */
function windowReader(bytes: ShardBytes): (at: number, length: number) => Promise<Buffer> {
  let window = Buffer.alloc(0);
  let start = 0;
  return async (at, length) => {
    if (at < start || at + length > start + window.length) {
      window = Buffer.allocUnsafe(Math.min(Math.max(length, windowBytes), bytes.size - at));
      await bytes.read(window, at);
      start = at;
    }
    return window.subarray(at - start, at - start + length);
  };
}
