import type { MapPoint } from '../../src/protocol/inference.ts';

/** Pixels between the outermost points and the edge. */
const margin = 12;
const radius = 3.5;
/** Points are found from so far away. */
const reach = 10;

/** Where each point stands in a picture of that size; both axes have one scale, as distances mean something. */
export function placesIn(
  points: readonly MapPoint[],
  width: number,
  height: number,
): [x: number, y: number][] {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const span = (values: number[]): [low: number, size: number] => {
    const low = values.reduce((a, b) => Math.min(a, b), Infinity);
    return [low, values.reduce((a, b) => Math.max(a, b), -Infinity) - low || 1];
  };
  const [[left, wide], [bottom, high]] = [span(xs), span(ys)];
  const scale = Math.min((width - 2 * margin) / wide, (height - 2 * margin) / high);
  return points.map(({ x, y }) => [
    width / 2 + (x - left - wide / 2) * scale,
    height / 2 - (y - bottom - high / 2) * scale,
  ]);
}

/** The point at a place of the picture; null where none is near. */
export function pointAt(places: readonly (readonly [number, number])[], x: number, y: number): number | null {
  let best = -1;
  let least = reach;
  places.forEach((place, at) => {
    const distance = Math.hypot(place[0] - x, place[1] - y);
    if (distance < least) [best, least] = [at, distance];
  });
  return best < 0 ? null : best;
}

/** Images are squares, captions are discs; the chosen one has a ring. */
export function drawMap(
  canvas: HTMLCanvasElement,
  points: readonly MapPoint[],
  places: readonly (readonly [number, number])[],
  colourOf: (point: MapPoint) => string,
  chosen: number | null,
  ringColour: string,
): void {
  const ratio = window.devicePixelRatio;
  const { clientWidth, clientHeight } = canvas;
  canvas.width = Math.round(clientWidth * ratio);
  canvas.height = Math.round(clientHeight * ratio);
  const context = canvas.getContext('2d')!;
  context.scale(ratio, ratio);
  context.globalAlpha = 0.8;
  points.forEach((point, at) => {
    const [x, y] = places[at]!;
    context.fillStyle = colourOf(point);
    if (point.kind === 'image') context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
    else {
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
    }
  });
  const ring = chosen === null ? undefined : places[chosen];
  if (!ring) return;
  context.globalAlpha = 1;
  context.strokeStyle = ringColour;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(...ring, 2 * radius, 0, 2 * Math.PI);
  context.stroke();
}
