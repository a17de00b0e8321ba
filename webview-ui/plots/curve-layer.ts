import { parseColour } from '../../src/analysis/colours.ts';

/**
 * Pixels of a part of a canvas, onto which many curves are laid, the topmost first, before they are put there at once: what lies under
 * something that hides it is not worked out.
 */
export interface CurveLayer {
  /** Its corner on the screen, and pixels of the screen in one of CSS. */
  left: number;
  top: number;
  ratio: number;
  /** An upright bar as wide as a CSS pixel, which stands at `column`; all three in CSS pixels of the canvas. */
  bar(column: number, high: number, low: number, paint: Paint): void;
  /** What `coverage` was filled with, in the columns (CSS pixels of the canvas) that are drawn; it is empty then. */
  cover(paint: Paint, isDrawn: (column: number) => boolean): void;
  coverage: Coverage;
  /** Puts what was laid onto the canvas. */
  put(): void;
}

/** A colour, each channel from 0 to 255, with its opacity. */
export interface Paint {
  red: number;
  green: number;
  blue: number;
  alpha: number;
}

export function paintOf(colour: string, alpha: number): Paint {
  const [red, green, blue] = parseColour(colour) ?? [128, 128, 128];
  return { red, green, blue, alpha };
}

/** Which share of each pixel a curve covers, column by column, and of each column what it touched: the rest is empty. */
export interface Coverage {
  width: number;
  height: number;
  share: Float32Array;
  highest: Int32Array;
  lowest: Int32Array;
}

/** Of what lies on a pixel that hides all but this, nothing is seen that a screen could show. */
const hidden = 1 / 512;

/** One for all plots: they are drawn one after the other. Four numbers a pixel, colours times their opacity, column by column. */
let pixels = new Float32Array(0);
let sheet: OffscreenCanvas | null = null;
let coverage: Coverage = emptyCoverage(0, 0);

/**
 * Fifty curves are some 30,000 bars or lines: each costs the canvas a microsecond, here a few nanoseconds a pixel.
 */
export function openCurveLayer(
  ctx: CanvasRenderingContext2D,
  area: { left: number; top: number; right: number; bottom: number },
  ratio: number,
): CurveLayer {
  const left = Math.round(area.left * ratio);
  const top = Math.round(area.top * ratio);
  const width = Math.max(1, Math.round((area.right - area.left) * ratio));
  const height = Math.max(1, Math.round((area.bottom - area.top) * ratio));
  if (pixels.length < 4 * width * height) pixels = new Float32Array(4 * width * height);
  if (coverage.width !== width || coverage.height !== height) coverage = emptyCoverage(width, height);
  const highest = new Int32Array(width).fill(height);
  const lowest = new Int32Array(width);
  return {
    left,
    top,
    ratio,
    coverage,
    bar(column, high, low, { red, green, blue, alpha }) {
      const from = Math.max(0, Math.round(column * ratio) - left);
      const to = Math.min(width, Math.round((column + 1) * ratio) - left);
      const first = Math.max(0, Math.round(high * ratio) - top);
      const last = Math.min(height, Math.round(low * ratio) - top);
      for (let x = from; x < to; x++) {
        if (first < highest[x]!) highest[x] = first;
        if (last > lowest[x]!) lowest[x] = last;
        for (let at = 4 * (x * height + first), end = 4 * (x * height + last); at < end; at += 4) {
          const rest = 1 - pixels[at + 3]!;
          if (rest < hidden) continue;
          const seen = rest * alpha;
          pixels[at] = pixels[at]! + seen * red;
          pixels[at + 1] = pixels[at + 1]! + seen * green;
          pixels[at + 2] = pixels[at + 2]! + seen * blue;
          pixels[at + 3] = 1 - rest + seen;
        }
      }
    },
    cover({ red, green, blue, alpha }, isDrawn) {
      const { share, highest: touchedFrom, lowest: touchedTo } = coverage;
      for (let x = 0; x < width; x++) {
        const first = touchedFrom[x]!;
        const last = touchedTo[x]!;
        if (last <= first) continue;
        if (!isDrawn(Math.floor((x + left) / ratio))) {
          share.fill(0, x * height + first, x * height + last);
          continue;
        }
        if (first < highest[x]!) highest[x] = first;
        if (last > lowest[x]!) lowest[x] = last;
        for (let i = x * height + first, end = x * height + last; i < end; i++) {
          const at = 4 * i;
          const rest = 1 - pixels[at + 3]!;
          const seen = rest * alpha * share[i]!;
          share[i] = 0;
          pixels[at] = pixels[at]! + seen * red;
          pixels[at + 1] = pixels[at + 1]! + seen * green;
          pixels[at + 2] = pixels[at + 2]! + seen * blue;
          pixels[at + 3] = 1 - rest + seen;
        }
      }
      touchedFrom.fill(height);
      touchedTo.fill(0);
    },
    put() {
      const image = new ImageData(width, height);
      const { data } = image;
      for (let x = 0; x < width; x++) {
        const from = 4 * (x * height + highest[x]!);
        const to = 4 * (x * height + lowest[x]!);
        let put = 4 * (highest[x]! * width + x);
        for (let at = from; at < to; at += 4, put += 4 * width) {
          const alpha = pixels[at + 3]!;
          if (alpha === 0) continue;
          const scale = 1 / alpha;
          data[put] = pixels[at]! * scale;
          data[put + 1] = pixels[at + 1]! * scale;
          data[put + 2] = pixels[at + 2]! * scale;
          data[put + 3] = alpha * 255;
        }
        if (to > from) pixels.fill(0, from, to);
      }
      sheet ??= new OffscreenCanvas(width, height);
      if (sheet.width < width) sheet.width = width;
      if (sheet.height < height) sheet.height = height;
      sheet.getContext('2d', { willReadFrequently: true })!.putImageData(image, 0, 0);
      ctx.globalAlpha = 1;
      ctx.drawImage(sheet, 0, 0, width, height, left / ratio, top / ratio, width / ratio, height / ratio);
    },
  };
}

function emptyCoverage(width: number, height: number): Coverage {
  return {
    width,
    height,
    share: new Float32Array(width * height),
    highest: new Int32Array(width).fill(height),
    lowest: new Int32Array(width),
  };
}
