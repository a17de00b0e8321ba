import type { TarMember } from './tar-index.ts';
import { imageName } from './image-name.ts';

/** One row of a shard: an image and the texts that belong to it. */
export interface TarSample {
  /** Name without the part that tells image from text. */
  key: string;
  image: TarMember | null;
  /** By part name in lower case: txt, caption, json... */
  texts: Map<string, TarMember>;
}

const textPart = /^(txt|text|caption|json)$/;

/**
 * Groups the members of a shard into samples as WebDataset does: neighbours with the same key, which is the path up to the first
 * dot of the file's name. Where a key then has no plain image (`22.05.png`: key 22, part 05.png), each image goes with the
 * texts that share its whole name (22.05.txt), so that no caption meets another's image. Hidden files are left out.
 */
export function tarSamples(members: TarMember[]): TarSample[] {
  const samples: TarSample[] = [];
  let group: Part[] = [];
  let key: string | null = null;
  const finish = (): void => {
    if (group.length > 0) samples.push(...samplesOf(key!, group));
    group = [];
  };
  for (const member of members) {
    const match = /^((?:.*\/)?[^./][^./]*)\.([^/]+)$/.exec(member.name.replace(/^\.\//, ''));
    if (!match) continue;
    if (match[1] !== key) finish();
    key = match[1]!;
    group.push({ member, part: match[2]!.toLowerCase() });
  }
  finish();
  return samples;
}

interface Part {
  member: TarMember;
  part: string;
}

function samplesOf(key: string, group: Part[]): TarSample[] {
  const isImage = ({ part }: Part): boolean => imageName.test(`.${part}`);
  const plain = group.find((part) => isImage(part) && !part.part.includes('.'));
  const dotted = plain ? [] : group.filter((part) => isImage(part) || isText(part.part));
  if (dotted.length === 0 || !dotted.some((part) => part.part.includes('.')))
    return [{ key, image: plain?.member ?? null, texts: textsOf(group, '') }];

  const stems = [...new Set(dotted.map(({ part }) => part.slice(0, part.lastIndexOf('.') + 1)))];
  return stems.map((stem) => ({
    key: stem === '' ? key : `${key}.${stem.slice(0, -1)}`,
    image: dotted.find((part) => isImage(part) && stemOf(part.part) === stem)?.member ?? null,
    texts: textsOf(group, stem),
  }));
}

function textsOf(group: Part[], stem: string): Map<string, TarMember> {
  const texts = new Map<string, TarMember>();
  for (const { part, member } of group)
    if (stemOf(part) === stem && isText(part)) texts.set(part.slice(stem.length), member);
  return texts;
}

const stemOf = (part: string): string => part.slice(0, part.lastIndexOf('.') + 1);
const isText = (part: string): boolean => textPart.test(part.slice(stemOf(part).length));
