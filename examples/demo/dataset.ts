import { createHash } from 'node:crypto';
import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { type Emoji, readEmoji } from './emoji.ts';

/** What the demo's data set holds; counts are pictures. */
export interface DemoData {
  folder: string;
  fluent: number;
  openmojiTrain: number;
  openmojiVal: number;
  /** Ideas whose line drawings are held out. */
  heldOutConcepts: number;
  /** Pictures that were not there from an earlier time. */
  copied: number;
}

/**
 * Makes the demo's data set in a folder: pictures of both drawing styles, `pairs.csv` to train on and `val.csv`.
 *
 * Trained on: every 3-D drawing, and the line drawings of three quarters of the ideas. Validated on: the line drawings
 * of the other ideas. So a held-out picture was never seen, nor any line drawing of its idea (a man and a woman
 * running are one idea); its words were, with the 3-D drawing. Flags and keycaps look alike in both styles and are
 * never held out.
 */
export async function makeDemoData(folder: string): Promise<DemoData> {
  const emoji = readEmoji();
  const heldOut = new Set(
    emoji.filter((one) => !one.isSign && isHeldOut(one.concept)).map((one) => one.concept),
  );
  const train: string[][] = [];
  const val: string[][] = [];
  let copied = 0;
  for (const style of ['fluent', 'openmoji'] as const) {
    await mkdir(join(folder, 'pictures', style), { recursive: true });
    for (const one of emoji) {
      const picture = `pictures/${style}/${one.hexcode}${extname(one[style])}`;
      if (await copyOnce(one[style], join(folder, picture))) copied++;
      const isVal = style === 'openmoji' && heldOut.has(one.concept);
      (isVal ? val : train).push([picture, one.caption, style, one.concept]);
    }
  }
  await writeFile(join(folder, 'pairs.csv'), table(train));
  await writeFile(join(folder, 'val.csv'), table(val));
  await writeFile(join(folder, 'LICENCES.txt'), licences);
  return {
    folder,
    fluent: emoji.length,
    openmojiTrain: train.length - emoji.length,
    openmojiVal: val.length,
    heldOutConcepts: heldOut.size,
    copied,
  };
}

/** False when the whole file is there already. */
async function copyOnce(from: string, to: string): Promise<boolean> {
  const [source, target] = [await stat(from), await stat(to).catch(() => null)];
  if (target?.size === source.size) return false;
  await copyFile(from, to);
  return true;
}

/** A quarter of the ideas, the same ones everywhere: decided by the idea's own name. */
function isHeldOut(concept: Emoji['concept']): boolean {
  return createHash('sha256').update(concept).digest()[0]! < 64;
}

function table(rows: string[][]): string {
  const lines = [['image', 'caption', 'style', 'concept'], ...rows].map((row) => row.map(quoted).join(','));
  return `${lines.join('\n')}\n`;
}

function quoted(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

const licences = `The pictures and words in this folder come from other projects:

pictures/fluent    Fluent Emoji by Microsoft, from the npm package @lobehub/fluent-emoji-3d, MIT licence
pictures/openmoji  OpenMoji, the open-source emoji and icon project (https://openmoji.org), from the npm package
                   openmoji, licence CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/), unchanged
captions           emojibase-data by Miles Johnson, npm package emojibase-data, MIT licence
`;
