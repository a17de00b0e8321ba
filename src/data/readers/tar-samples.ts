import type { TarMember } from './tar-index.ts';
import { pictureName } from './folder.ts';

/** One row of a shard: a picture and the texts that belong to it. */
export interface TarSample {
  /** Name without the part that tells picture from text. */
  key: string;
  picture: TarMember | null;
  /** By part name in lower case: txt, caption, json... */
  texts: Map<string, TarMember>;
}

const textPart = /^(txt|text|caption|json)$/;

/**
 * Groups the members of a shard into samples as WebDataset does: neighbours with the same key, which is the path up to the first
 * dot of the file's name. Where a key then has no plain picture (`22.05.png`: key 22, part 05.png), each picture goes with the
 * texts that share its whole name (22.05.txt), so that no caption meets another's picture. Hidden files are left out.
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
  const isPicture = ({ part }: Part): boolean => pictureName.test(`.${part}`);
  const plain = group.find((part) => isPicture(part) && !part.part.includes('.'));
  const dotted = plain ? [] : group.filter((part) => isPicture(part) || isText(part.part));
  if (dotted.length === 0 || !dotted.some((part) => part.part.includes('.')))
    return [{ key, picture: plain?.member ?? null, texts: textsOf(group, '') }];

  const stems = [...new Set(dotted.map(({ part }) => part.slice(0, part.lastIndexOf('.') + 1)))];
  return stems.map((stem) => ({
    key: stem === '' ? key : `${key}.${stem.slice(0, -1)}`,
    picture: dotted.find((part) => isPicture(part) && stemOf(part.part) === stem)?.member ?? null,
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
