import { parseColour } from '../../src/analysis/colours.ts';

/** Pixels of a part of a canvas, onto which many bars are laid before they are put there at once. */
export interface BarLayer {
  /** An upright bar in the canvas's CSS pixels, one pixel wide. */
  bar(column: number, high: number, low: number, paint: Paint): void;
  /** Puts what was laid onto the canvas, and begins anew. */
  put(): void;
}

/** A colour with its opacity, each channel times the opacity. */
export interface Paint {
  red: number;
  green: number;
  blue: number;
  alpha: number;
}

export function paintOf(colour: string, alpha: number): Paint {
  const [red, green, blue] = parseColour(colour) ?? [128, 128, 128];
  return { red: red * alpha, green: green * alpha, blue: blue * alpha, alpha };
}

/**
 * One for all plots: they are drawn one after the other. Four numbers a pixel, colours times their opacity, column by column: a bar
 * lies in one piece of memory.
 */
let pixels = new Float32Array(0);
let sheet: OffscreenCanvas | null = null;

/**
 * Fifty dense curves are some 30,000 bars: as rectangles of the canvas each costs a microsecond, as numbers in an array a few
 * nanoseconds a pixel.
 */
export function openBarLayer(
  ctx: CanvasRenderingContext2D,
  area: { left: number; top: number; right: number; bottom: number },
  ratio: number,
): BarLayer {
  const left = Math.round(area.left * ratio);
  const top = Math.round(area.top * ratio);
  const width = Math.max(1, Math.round((area.right - area.left) * ratio));
  const height = Math.max(1, Math.round((area.bottom - area.top) * ratio));
  if (pixels.length < 4 * width * height) pixels = new Float32Array(4 * width * height);
  // Of each column what was laid on it: the rest is empty.
  const highest = new Int32Array(width).fill(height);
  const lowest = new Int32Array(width);
  return {
    bar(column, high, low, { red, green, blue, alpha }) {
      const from = Math.max(0, Math.round(column * ratio) - left);
      const to = Math.min(width, Math.round((column + 1) * ratio) - left);
      const first = Math.max(0, Math.round(high * ratio) - top);
      const last = Math.min(height, Math.round(low * ratio) - top);
      const rest = 1 - alpha;
      for (let x = from; x < to; x++) {
        if (first < highest[x]!) highest[x] = first;
        if (last > lowest[x]!) lowest[x] = last;
        for (let at = 4 * (x * height + first), end = 4 * (x * height + last); at < end; at += 4) {
          pixels[at] = red + rest * pixels[at]!;
          pixels[at + 1] = green + rest * pixels[at + 1]!;
          pixels[at + 2] = blue + rest * pixels[at + 2]!;
          pixels[at + 3] = alpha + rest * pixels[at + 3]!;
        }
      }
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
          data[put] = pixels[at]! / alpha;
          data[put + 1] = pixels[at + 1]! / alpha;
          data[put + 2] = pixels[at + 2]! / alpha;
          data[put + 3] = alpha * 255;
        }
        if (to > from) pixels.fill(0, from, to);
      }
      highest.fill(height);
      lowest.fill(0);
      sheet ??= new OffscreenCanvas(width, height);
      if (sheet.width < width) sheet.width = width;
      if (sheet.height < height) sheet.height = height;
      sheet.getContext('2d', { willReadFrequently: true })!.putImageData(image, 0, 0);
      ctx.globalAlpha = 1;
      ctx.drawImage(sheet, 0, 0, width, height, left / ratio, top / ratio, width / ratio, height / ratio);
    },
  };
}
