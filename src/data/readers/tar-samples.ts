import type { TarMember } from './tar-index.ts';
import { imageName } from './image-name.ts';

/** One row of a shard: an image and the texts that belong to it. */
export interface TarSample {
  /** Name without the part that tells image from text. */
  key: string;
  image: TarMember | null;
  /** By part name in lower case: txt, caption, json... */
  texts: Map<string, TarMember>;
  /** Parts that are neither an image nor a text. */
  others: string[];
}

export interface TarSamples {
  samples: TarSample[];
  /** Of which image and texts do not stand together in the shard. */
  joined: number;
}

const textPart = /^(txt|text|caption|json)$/;

/**
 * Groups the members of a shard into samples as WebDataset does: neighbours with the same key, which is the path up to the first
 * dot of the file's name. Where a key then has no plain image (`22.05.png`: key 22, part 05.png), each image goes with the
 * texts that share its whole name (22.05.txt), so that no caption meets another's image; and where a part comes again, another sample
 * begins. Images and texts that stand apart go together when their key is there once for each. Hidden files and those in hidden folders
 * are left out.
 */
export function tarSamples(members: TarMember[]): TarSamples {
  const samples: TarSample[] = [];
  let group: Part[] = [];
  let key: string | null = null;
  let archive = 0;
  const parts = new Set<string>();
  const finish = (): void => {
    if (group.length > 0) samples.push(...samplesOf(key!, group));
    group = [];
    parts.clear();
  };
  for (const member of members) {
    const name = member.name.replace(/^(?:\.\/)+/, '');
    const match = /^((?:.*\/)?[^./][^./]*)\.([^/]+)$/.exec(name);
    if (!match || /(?:^|\/)(?:\.[^./]|__MACOSX\/)/.test(name)) continue;
    const part = match[2]!.toLowerCase();
    if (match[1] !== key || member.archive !== archive || parts.has(part)) finish();
    key = match[1]!;
    archive = member.archive;
    group.push({ member, part });
    parts.add(part);
  }
  finish();
  return joinedApart(samples);
}

/** Puts images and texts together that stand apart, as in an archive of all images and then all texts. */
function joinedApart(samples: TarSample[]): TarSamples {
  if (!samples.some(isHalf)) return { samples, joined: 0 };
  const byKey = new Map<string, TarSample[]>();
  for (const sample of samples) {
    const known = byKey.get(sample.key);
    if (known) known.push(sample);
    else byKey.set(sample.key, [sample]);
  }
  const taken = new Set<TarSample>();
  for (const [first, second, ...more] of byKey.values()) {
    if (!first || !second || more.length > 0 || !isHalf(first) || !isHalf(second)) continue;
    if ((first.image === null) === (second.image === null)) continue;
    first.image ??= second.image;
    if (first.texts.size === 0) first.texts = second.texts;
    taken.add(second);
  }
  return { samples: samples.filter((sample) => !taken.has(sample)), joined: taken.size };
}

/** Whether a sample lacks its image or its texts. */
const isHalf = ({ image, texts }: TarSample): boolean => (image === null) !== (texts.size === 0);

interface Part {
  member: TarMember;
  part: string;
}

function samplesOf(key: string, group: Part[]): TarSample[] {
  const isImage = ({ part }: Part): boolean => imageName.test(`.${part}`);
  const plain = group.find((part) => isImage(part) && !part.part.includes('.'));
  const dotted = plain ? [] : group.filter((part) => isImage(part) || isText(part.part));
  if (dotted.length === 0 || !dotted.some((part) => part.part.includes('.')))
    return [{ key, image: plain?.member ?? null, texts: textsOf(group, ''), others: othersOf(group) }];

  const stems = [...new Set(dotted.map(({ part }) => part.slice(0, part.lastIndexOf('.') + 1)))];
  return stems.map((stem) => ({
    key: stem === '' ? key : `${key}.${stem.slice(0, -1)}`,
    image: dotted.find((part) => isImage(part) && stemOf(part.part) === stem)?.member ?? null,
    texts: textsOf(group, stem),
    others: [],
  }));
}

function textsOf(group: Part[], stem: string): Map<string, TarMember> {
  const texts = new Map<string, TarMember>();
  for (const { part, member } of group)
    if (stemOf(part) === stem && isText(part)) texts.set(part.slice(stem.length), member);
  return texts;
}

function othersOf(group: Part[]): string[] {
  return group.map(({ part }) => part).filter((part) => !imageName.test(`.${part}`) && !isText(part));
}

const stemOf = (part: string): string => part.slice(0, part.lastIndexOf('.') + 1);
const isText = (part: string): boolean => textPart.test(part.slice(stemOf(part).length));
