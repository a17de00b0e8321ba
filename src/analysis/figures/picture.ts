import { element, px } from './svg.ts';
import type { SvgNode } from './svg.ts';

/** What a figure's classes look like, with these colours: CSS of the report, and of pictures that are saved. */
export interface FigureColours {
  fore: string;
  muted: string;
  line: string;
  back: string;
}

export const figureStyle = ({ fore, muted, line, back }: FigureColours): string => `
.figure-grid { stroke: ${line}; } .figure-axis { stroke: ${muted}; } .figure-cell { stroke: ${line}; }
.figure-best { stroke: ${fore}; stroke-width: 2.5; } .figure-reference { stroke: ${muted}; stroke-dasharray: 2 3; }
.figure-over { paint-order: stroke; stroke: ${back}; stroke-width: 4px; stroke-linejoin: round; }
.figure-number { fill: ${muted}; font-size: 11px; } .figure-name { fill: ${fore}; font-size: 11px; }
.figure-value, .figure-cross { font-size: 12px; }`;

export interface PictureInput {
  title: string;
  /** What the lines are. */
  key: { label: string; colour: string; dash?: string }[];
  /** Draws the figure itself in this room. */
  draw: (width: number, height: number) => SvgNode;
  width: number;
  height: number;
  colours: FigureColours;
  font: string;
}

const lineHeight = 18;
/** Of a letter at 12 px, on average: a picture is made without a page to measure on. */
const letterWidth = 6.6;

/** A figure as a document of its own: with its title, its key, a background and its own looks. */
export function pictureOf({ title, key, draw, width, height, colours, font }: PictureInput): SvgNode {
  const rows = keyRows(key, width - 24);
  const head = 30 + rows.length * lineHeight + (rows.length ? 6 : 0);
  const figure = draw(width, Math.max(120, height - head));
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': title,
      'font-family': font,
      'font-size': 12,
      fill: colours.fore,
      color: colours.fore,
    },
    element('style', {}, figureStyle(colours)),
    element('rect', { width, height, fill: colours.back }),
    element('text', { x: 12, y: 20, 'font-size': 14, 'font-weight': 600 }, title),
    ...rows.flatMap((row, index) =>
      row.flatMap(({ label, colour, dash, x }) => {
        const y = 30 + index * lineHeight + lineHeight / 2;
        return [
          element('line', {
            x1: x,
            x2: x + 18,
            y1: y,
            y2: y,
            stroke: colour,
            'stroke-width': 2.5,
            ...(dash ? { 'stroke-dasharray': dash } : {}),
          }),
          element('text', { x: x + 24, y: y + 4 }, label),
        ];
      }),
    ),
    element('g', { transform: `translate(0 ${head})` }, ...figure.children),
  );
}

/** The entries side by side, in as many rows as they need. */
function keyRows(key: PictureInput['key'], width: number): (PictureInput['key'][number] & { x: number })[][] {
  const rows: (PictureInput['key'][number] & { x: number })[][] = [];
  let x = Infinity;
  for (const entry of key) {
    const room = 24 + entry.label.length * letterWidth + 18;
    if (x + room > width + 12) {
      rows.push([]);
      x = 12;
    }
    rows.at(-1)!.push({ ...entry, x: px(x) });
    x += room;
  }
  return rows;
}
