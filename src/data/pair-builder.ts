import { createHash } from 'node:crypto';
import type { DataFormat } from '../experiment/config.ts';
import { counted } from '../text/numbers.ts';
import { plural, shortened } from '../text/words.ts';
import { IntColumn } from './columns/int-column.ts';
import type { BadRow, ImageLook, ImageSample, ImageSource, PairSet } from './pair-set.ts';
import { StringTable } from './columns/string-table.ts';
import { t } from '../text/say.ts';

const badKept = 1000;
/** UTF-16 units of a caption that are kept: far more than the 512 tokens that an encoder can take at most. */
const longestCaption = 1 << 14;

/** Collects what a reader finds, row by row, into the columns of a PairSet. */
export class PairBuilder {
  rows = 0;
  columns: string[] | null = null;
  /** Whether the list is read by names of its own, whatever columns were asked for. */
  hasOwnNames = false;
  badCount = 0;
  badImages = 0;
  sample: ImageSample | null = null;
  looked: ReadonlyMap<number, ImageLook> = new Map();
  readonly images = new StringTable();
  readonly notes: string[] = [];
  /** Images that the file itself holds out for validation, by id; null: it says nothing of that. */
  heldOut: ReadonlySet<number> | null = null;
  private cutCaptions = 0;
  private firstCut = '';
  private readonly captions = new StringTable();
  private readonly splits: StringTable | null;
  private readonly badRows: BadRow[] = [];
  private imageIds: IntColumn | Int32Array = new IntColumn();
  private captionIds: IntColumn | Int32Array = new IntColumn();
  private lines: IntColumn | Int32Array = new IntColumn();
  private splitIds: IntColumn | Int32Array = new IntColumn();

  /** @param splitBy `image`, `caption` or the name of a column, whose value then comes with each pair. */
  constructor(private readonly splitBy: string) {
    this.splits = splitBy === 'image' || splitBy === 'caption' ? null : new StringTable();
  }

  /** A usable pair. Texts must be trimmed and not empty; line 0: there are no lines. Returns the image's id. */
  add(image: string, caption: string, line: number, split?: string): number {
    const imageId = this.images.intern(image);
    column(this.imageIds).push(imageId);
    column(this.captionIds).push(this.captions.intern(this.fitting(caption, image, line)));
    column(this.lines).push(line);
    if (this.splits) column(this.splitIds).push(this.splits.intern(split ?? ''));
    return imageId;
  }

  /** The caption, or its beginning where it is so long that it would cost its time in every epoch for nothing. */
  private fitting(caption: string, image: string, line: number): string {
    if (caption.length <= longestCaption) return caption;
    if (this.cutCaptions++ === 0) this.firstCut = line > 0 ? t('line {0}', line) : shortened(image, 100);
    return caption
      .slice(0, longestCaption)
      .replace(/[\ud800-\udbff]$/, '')
      .trimEnd();
  }

  /** Says once how many captions were cut, and which is the first. */
  noteCuts(): void {
    if (this.cutCaptions > 0)
      this.note(
        plural(
          this.cutCaptions,
          '1 caption is longer than {1} letters and is cut there ({2}).',
          '{0} captions are longer than {1} letters and are cut there (first: {2}).',
          counted(longestCaption),
          this.firstCut,
        ),
      );
  }

  /** A row that cannot be used. */
  bad(file: string, line: number | null, reason: string, code: BadRow['code'] = 'bad_row'): void {
    this.badCount++;
    if (this.badRows.length < badKept) this.badRows.push({ code, file, line, reason });
  }

  note(text: string): void {
    this.notes.push(text);
  }

  get count(): number {
    return this.imageIds.length;
  }

  /** Ids of the images that pairs use, each once. */
  usedImages(): number[] {
    return [...new Set(this.finishColumns()[0])];
  }

  firstBad(): BadRow | undefined {
    return this.badRows[0];
  }

  /** Takes the pairs of some images out again, each with its reason. */
  dropImages(reasons: ReadonlyMap<number, string>, file: string): void {
    if (reasons.size === 0) return;
    this.badImages += reasons.size;
    const [imageIds, captionIds, lines, splitIds] = this.finishColumns();
    let kept = 0;
    for (let i = 0; i < imageIds.length; i++) {
      const reason = reasons.get(imageIds[i]!);
      if (reason !== undefined) {
        const line = lines[i]! || null;
        this.bad(line ? file : shortened(this.images.get(imageIds[i]!), 100), line, reason, 'bad_image');
        continue;
      }
      imageIds[kept] = imageIds[i]!;
      captionIds[kept] = captionIds[i]!;
      lines[kept] = lines[i]!;
      if (this.splits) splitIds[kept] = splitIds[i]!;
      kept++;
    }
    this.imageIds = imageIds.slice(0, kept);
    this.captionIds = captionIds.slice(0, kept);
    this.lines = lines.slice(0, kept);
    this.splitIds = splitIds.slice(0, kept);
  }

  /** Says once that rows repeat earlier ones: same image, same caption. */
  noteRepeats(): void {
    const [imageIds, captionIds, lines] = this.finishColumns();
    let slotCount = 16;
    while (slotCount < imageIds.length * 2) slotCount *= 2;
    const slots = new Int32Array(slotCount).fill(-1);
    let repeats = 0;
    let example = '';
    for (let i = 0; i < imageIds.length; i++) {
      let slot = Math.imul(imageIds[i]! ^ Math.imul(captionIds[i]!, 0x9e37_79b1), 0x85eb_ca6b);
      slot = (slot ^ (slot >>> 15)) & (slotCount - 1);
      let first = slots[slot]!;
      while (first >= 0 && (imageIds[first] !== imageIds[i] || captionIds[first] !== captionIds[i])) {
        slot = (slot + 1) & (slotCount - 1);
        first = slots[slot]!;
      }
      if (first < 0) slots[slot] = i;
      else if (repeats++ === 0 && lines[i])
        example = t(' (line {0} repeats line {1})', lines[i]!, lines[first]!);
      else if (repeats === 1) example = ` (${shortened(this.images.get(imageIds[i]!), 100)})`;
    }
    if (repeats > 0)
      this.note(
        repeats === 1
          ? t("1 row repeats an earlier row's image and caption{0}.", example)
          : t("{0} rows repeat an earlier row's image and caption{1}.", repeats, example),
      );
  }

  /** The finished set; the builder is used up. */
  finish(format: DataFormat, files: string[], source: ImageSource): PairSet {
    this.images.finish();
    this.captions.finish();
    this.splits?.finish();
    const [imageIds, captionIds, lines, splitIds] = this.finishColumns();
    const { images, captions, splits, splitBy, heldOut } = this;
    const bad = this.badRows.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
    const [keyIds, splitTexts] = splits
      ? [splitIds, splits]
      : splitBy === 'caption'
        ? [captionIds, captions]
        : [imageIds, images];
    const columnBytes = (splits ? 16 : 12) * imageIds.length;
    return {
      format,
      files,
      rows: this.rows,
      count: imageIds.length,
      images: distinct(imageIds, images.count),
      captions: distinct(captionIds, captions.count),
      badImages: this.badImages,
      sample: this.sample,
      looked: this.looked,
      imageIdLimit: images.count,
      imageId: (pair) => imageIds[pair]!,
      captionId: (pair) => captionIds[pair]!,
      imageKey: (pair) => images.get(imageIds[pair]!),
      caption: (pair) => captions.get(captionIds[pair]!),
      splitKey: (pair) => splitTexts.get(keyIds[pair]!),
      splitId: (pair) => keyIds[pair]!,
      splitIdLimit: splitTexts.count,
      heldOut: heldOut && ((pair) => heldOut.has(imageIds[pair]!)),
      line: (pair) => lines[pair]! || null,
      loadImage: (pair) => source.load(imageIds[pair]!),
      imageFile: (pair) => source.files?.path(imageIds[pair]!) ?? null,
      imageStamp: (pair) => source.stamp(imageIds[pair]!),
      fingerprint() {
        const hash = createHash('sha256');
        for (const table of splits ? [images, captions, splits] : [images, captions]) table.hashInto(hash);
        for (const ids of splits ? [imageIds, captionIds, splitIds] : [imageIds, captionIds])
          hash.update(ids);
        if (heldOut) hash.update(Int32Array.from(heldOut));
        return hash.digest('hex');
      },
      bad,
      badCount: this.badCount,
      notes: this.notes,
      columns: this.hasOwnNames ? null : this.columns,
      bytes: columnBytes + images.bytes + captions.bytes + (splits?.bytes ?? 0) + source.bytes,
      close: () => source.close(),
    };
  }

  private finishColumns(): [Int32Array, Int32Array, Int32Array, Int32Array] {
    const finished = (values: IntColumn | Int32Array): Int32Array =>
      values instanceof IntColumn ? values.finish() : values;
    const columns = [this.imageIds, this.captionIds, this.lines, this.splitIds].map(finished);
    [this.imageIds, this.captionIds, this.lines, this.splitIds] = columns as [
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
    ];
    return [this.imageIds, this.captionIds, this.lines, this.splitIds];
  }
}

function column(values: IntColumn | Int32Array): IntColumn {
  if (values instanceof IntColumn) return values;
  throw new Error('No pair can be added to finished columns.');
}

function distinct(ids: Int32Array, limit: number): number {
  const seen = new Uint8Array(limit);
  let count = 0;
  for (const id of ids) if (!seen[id]) count += seen[id] = 1;
  return count;
}
