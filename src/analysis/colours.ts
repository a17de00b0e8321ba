import type { RunFile } from '../protocol/run.ts';

/** sRGB, each channel 0 to 255. */
export type Rgb = [number, number, number];

/**
 * Okabe and Ito's colours for categories, told apart by all common kinds of colour blindness, for a dark background: the blue is
 * lighter, so that it stands out.
 */
const onDark = ['#2389cc', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#f0e442'];

/** On a light background orange and yellow, darkened until they stand out, would look like vermilion: brown and grey take their places. */
const onLight = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#7a5200', '#4d4d4d'];

/** matplotlib's viridis at 0, 1/16, ... 1: even steps look evenly far apart, also to the colour blind and in grey. */
const viridis = [
  '#440154',
  '#48186a',
  '#472d7b',
  '#424086',
  '#3b528b',
  '#33638d',
  '#2c728e',
  '#26828e',
  '#21918c',
  '#1fa088',
  '#28ae80',
  '#3fbc73',
  '#5ec962',
  '#84d44b',
  '#addc30',
  '#d8e219',
  '#fde725',
].map((hex) => parseColour(hex)!);

/** The perceptual scale at `at` in [0, 1], dark to light. */
export function scaleColour(at: number): string {
  const place = Math.min(1, Math.max(0, at)) * (viridis.length - 1);
  const index = Math.min(viridis.length - 2, Math.floor(place));
  const part = place - index;
  return toHex(viridis[index]!.map((low, i) => low + part * (viridis[index + 1]![i]! - low)) as Rgb);
}

/** Colour of place `index` of `count` ordered settings: the larger, the further from the background; all stand out from it. */
export function orderedColour(index: number, count: number, background: string): string {
  const part = count > 1 ? index / (count - 1) : 1;
  return scaleColour(isDark(background) ? 0.38 + 0.62 * part : 0.62 * (1 - part));
}

/**
 * Colour of category `index`, with the contrast that a line needs on this background (WCAG: 3 to 1). After the seventh they come again
 * further from the background, and again.
 */
export function categoryColour(index: number, background: string): string {
  const place = index % categoryCount;
  const key = `${place} ${background}`;
  let found = categoryColours.get(key);
  if (!found) {
    const colours = isDark(background) ? onDark : onLight;
    const round = Math.floor(place / colours.length);
    const colour = readable(colours[place % colours.length]!, background, 3);
    found = toHex(mixed(parseColour(colour)!, farFrom(background), 0.2 * round));
    categoryColours.set(key, found);
  }
  return found;
}

/** A category's colour is asked for with every curve, legend and row; to find it takes a tenth of a millisecond. */
const categoryColours = new Map<string, string>();

/** How many categories `categoryColour` tells apart. */
export const categoryCount = 4 * onDark.length;

/** Which category a run is drawn as, in all places and after each reload: a trial's place in its sweep, else one that its name decides. */
export function categoryOfRun(id: string, sweep: { index: number } | null | undefined): number {
  if (sweep) return sweep.index % categoryCount;
  let hash = 0;
  for (const sign of id.slice(Math.max(id.lastIndexOf('/'), id.lastIndexOf('\\')) + 1))
    hash = (Math.imul(hash, 31) + sign.charCodeAt(0)) >>> 0;
  return hash % categoryCount;
}

/** A run's colour on this background, the same in all places and after each reload: the one that a person gave it, else its category's. */
export const colourOfRun = (
  { id, sweep, colour }: Pick<RunFile, 'id' | 'sweep' | 'colour'>,
  background: string,
): string => colour ?? categoryColour(categoryOfRun(id, sweep), background);

/** Colour of what is no category among the others, such as their sum. */
export const neutralColour = (background: string): string => readable('#8c8c8c', background, 4);

/** Places of metrics that look the same in all plots: a branch has one colour. */
const fixedPlaces: Record<string, number> = { train: 0, val: 1, image: 0, text: 1, fusion: 2, scale: 3 };

/** Which category a metric of a plot is drawn as: by its label, else by its place in the plot; null: the neutral one. */
export const categoryOf = (label: string, index: number): number | null =>
  label === 'all' ? null : (fixedPlaces[label] ?? index);

/** `colour` made darker on a light background, lighter on a dark one, by as little as gives this contrast. */
function readable(colour: string, background: string, contrast: number): string {
  const from = parseColour(colour);
  if (!from) return colour;
  const towards = farFrom(background);
  for (let part = 0; part < 1; part += 0.04) {
    const found = toHex(mixed(from, towards, part));
    if (contrastOf(found, background) >= contrast) return found;
  }
  return toHex(towards);
}

const farFrom = (background: string): Rgb => (isDark(background) ? [255, 255, 255] : [0, 0, 0]);

const mixed = (from: Rgb, to: Rgb, part: number): Rgb =>
  from.map((channel, i) => channel + part * (to[i]! - channel)) as Rgb;

const isDark = (colour: string): boolean => luminance(parseColour(colour) ?? [255, 255, 255]) < 0.18;

/** WCAG 2 contrast ratio, 1 to 21. */
export function contrastOf(a: string, b: string): number {
  const [low, high] = [a, b]
    .map((colour) => luminance(parseColour(colour) ?? [0, 0, 0]))
    .sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb(…)`, `rgba(…)`; null for anything else. Transparency is left out. */
export function parseColour(text: string): Rgb | null {
  const hex = /^#([0-9a-f]{3,8})$/i.exec(text.trim())?.[1];
  if (hex && hex.length >= 6) return [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16)) as Rgb;
  if (hex && hex.length <= 4) return [0, 1, 2].map((i) => parseInt(hex[i]! + hex[i]!, 16)) as Rgb;
  const numbers = /^rgba?\(([^)]*)\)$/i.exec(text.trim())?.[1]?.match(/[\d.]+/g);
  return numbers && numbers.length >= 3 ? (numbers.slice(0, 3).map(Number) as Rgb) : null;
}

const toHex = (rgb: Rgb): string =>
  `#${rgb.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;
