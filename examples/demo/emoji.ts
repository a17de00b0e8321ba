import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** One emoji that both styles draw. */
export interface Emoji {
  /** Upper case code points joined by hyphens, without the variation selector. */
  hexcode: string;
  /** What it is called, then its keywords: "nerd face, brainy, clever, expert, geek". */
  caption: string;
  /** Variants of one idea (person, man and woman running; facing right) share it. */
  concept: string;
  /** Flags and keycaps look the same in every style. */
  isSign: boolean;
  /** The 3-D drawing (WebP, 256x256) and the line drawing (SVG), absolute. */
  fluent: string;
  openmoji: string;
}

interface EmojibaseEntry {
  label: string;
  hexcode: string;
  tags?: string[];
  group?: number;
}

/** All emoji that @lobehub/fluent-emoji-3d and openmoji both draw, named by emojibase-data, in Unicode's order. */
export function readEmoji(): Emoji[] {
  const { resolve } = createRequire(import.meta.url);
  const fluent = pictures(join(dirname(resolve('@lobehub/fluent-emoji-3d/package.json')), 'assets'));
  const openmoji = pictures(join(dirname(resolve('openmoji/package.json')), 'color/svg'));
  const entries = JSON.parse(
    readFileSync(resolve('emojibase-data/en/data.json'), 'utf8'),
  ) as EmojibaseEntry[];
  return entries.flatMap((entry) => {
    const hexcode = normalised(entry.hexcode);
    const [a, b] = [fluent.get(hexcode), openmoji.get(hexcode)];
    if (!a || !b) return [];
    return {
      hexcode,
      caption: caption(entry),
      concept: conceptOf(hexcode),
      isSign: entry.group === flags || hexcode.endsWith('-20E3'),
      fluent: a,
      openmoji: b,
    };
  });
}

/** Emojibase's number for the group of flags. */
const flags = 9;

/** Picture files of a folder by normalised hexcode. */
function pictures(folder: string): Map<string, string> {
  return new Map(
    readdirSync(folder).map((file) => [normalised(file.replace(/\.\w+$/, '')), join(folder, file)] as const),
  );
}

function normalised(hexcode: string): string {
  return hexcode
    .toUpperCase()
    .split('-')
    .filter((point) => point !== 'FE0F')
    .map((point) => point.replace(/^0+/, ''))
    .join('-');
}

/** The hexcode without what makes a variant: gender signs, "facing right", and who the person is. */
function conceptOf(hexcode: string): string {
  return hexcode.replace(/-200D-(2640|2642|27A1)/g, '').replace(/^(1F468|1F469)(?=-|$)/, '1F9D1');
}

function caption(entry: EmojibaseEntry): string {
  const words = new Set(entry.label.toLowerCase().split(/\W+/));
  const tags = (entry.tags ?? []).filter((tag) => !words.has(tag.toLowerCase()));
  return [entry.label, ...tags.slice(0, 4)].join(', ');
}
