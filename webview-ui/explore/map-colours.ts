import { categoryColour, scaleColour } from '../../src/analysis/colours.ts';
import type { MapPoint } from '../../src/protocol/inference.ts';
import { shortNumber } from '../../src/text/numbers.ts';
import { t } from '../../src/text/say.ts';

/** How the points of a map are coloured, with what each colour means. */
export interface MapColours {
  of: (point: MapPoint) => string;
  legend: { colour: string; text: string }[];
  /** Ends of a scale of numbers; null where colours stand for categories. */
  scale: [low: string, high: string] | null;
}

/** Categories that have a colour of their own, which are easily told apart; the others share one. */
const mostCategories = 6;

/** By kind of point; by the values of a column where the points have such: numbers on a scale, other texts by how often they come. */
export function coloursOf(points: readonly MapPoint[], background: string, otherColour: string): MapColours {
  if (points.every(({ value }) => value === null)) return byKind(background);
  const counts = new Map<string, number>();
  for (const { value } of points) counts.set(value ?? '', (counts.get(value ?? '') ?? 0) + 1);
  const numbers = [...counts.keys()].map(numberIn);
  if (counts.size > mostCategories && numbers.every((number) => number !== null))
    return byNumber(Math.min(...numbers), Math.max(...numbers));
  const names = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const colours = new Map(
    names.slice(0, mostCategories).map((name, at) => [name, categoryColour(at, background)]),
  );
  const legend = [...colours].map(([name, colour]) => ({ colour, text: name === '' ? t('(empty)') : name }));
  const others = names.length - colours.size;
  if (others > 0) legend.push({ colour: otherColour, text: t('{0} others', others) });
  return { of: ({ value }) => colours.get(value ?? '') ?? otherColour, legend, scale: null };
}

function byKind(background: string): MapColours {
  const [image, caption] = [categoryColour(0, background), categoryColour(1, background)];
  return {
    of: ({ kind }) => (kind === 'image' ? image : caption),
    legend: [
      { colour: image, text: t('images') },
      { colour: caption, text: t('captions') },
    ],
    scale: null,
  };
}

function byNumber(low: number, high: number): MapColours {
  return {
    of: ({ value }) => scaleColour((numberIn(value ?? '')! - low) / (high - low || 1)),
    legend: [],
    scale: [shortNumber(low), shortNumber(high)],
  };
}

function numberIn(text: string): number | null {
  const number = text.trim() === '' ? NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}
