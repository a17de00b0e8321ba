/** Something that is drawn when it has to be, and can stop to let others work. */
export interface Drawn {
  /** False: there is more to prepare; it is asked again in the next frame. */
  draw(deadline: number): boolean;
}

/** Longest stretch that drawing takes at once, in ms, before the page may do something else. */
const budgetMs = 30;

/** Set on the browser's timeline whenever everything asked for is drawn. */
const drawnMark = 'tandem-drawn';

const waiting = new Set<Drawn>();
let isAsked = false;

/** Draws in the next frame; asking twice is drawing once. A hidden page has no frames, so it costs nothing. */
export function drawSoon(drawn: Drawn): void {
  waiting.add(drawn);
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(frame);
}

export const drawNever = (drawn: Drawn): unknown => waiting.delete(drawn);

/** Whether something waits to be drawn. */
export const isDrawing = (): boolean => waiting.size > 0;

function frame(): void {
  isAsked = false;
  const deadline = performance.now() + budgetMs;
  for (const drawn of [...waiting]) {
    if (performance.now() > deadline) break;
    // Taken out and put in again behind the others, so that each gets its turn.
    waiting.delete(drawn);
    if (!drawn.draw(deadline)) waiting.add(drawn);
  }
  if (!waiting.size) {
    // For the browser's own profiler, and for measuring from outside.
    performance.clearMarks(drawnMark);
    performance.mark(drawnMark);
    return;
  }
  isAsked = true;
  requestAnimationFrame(frame);
}
