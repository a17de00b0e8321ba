import { parseColour, scaleColour } from '../../src/analysis/colours.ts';

/** How much of the picture a colour hides. */
const opacity = 0.6;

/** Shares from none to the most as a background of CSS. */
export const shareRamp = `linear-gradient(to right, ${Array.from({ length: 9 }, (_, at) => scaleColour(at / 8)).join()})`;

/** Draws shares on a canvas of one pixel a region. */
export function drawShares(
  canvas: HTMLCanvasElement,
  shares: readonly number[],
  side: number,
  most: number,
): void {
  const context = canvas.getContext('2d')!;
  const pixels = context.createImageData(side, side);
  shares.forEach((share, region) => {
    const colour = parseColour(scaleColour(most > 0 ? share / most : 0))!;
    pixels.data.set([...colour, Math.round(255 * opacity)], region * 4);
  });
  context.putImageData(pixels, 0, 0);
}
