import { useEffect, useState } from 'preact/hooks';
import { isDrawing } from './frames.ts';

type Turn = () => void;

/** What is put off until the browser has nothing else to do, in the order of the screen. */
const waiting = new Set<Turn>();
let isAsked = false;

/** Longest that one of these waits, in ms: beside other programs a browser may find no idle time for long. Not every one knows it. */
const patience = 200;

const idle = (run: () => void): unknown =>
  'requestIdleCallback' in window
    ? requestIdleCallback(run, { timeout: patience })
    : setTimeout(run, patience);

function whenIdle(turn: Turn): () => void {
  waiting.add(turn);
  ask();
  return () => waiting.delete(turn);
}

function ask(): void {
  if (isAsked || !waiting.size) return;
  isAsked = true;
  idle(() => {
    isAsked = false;
    const [first] = waiting;
    // What is in sight is drawn before: a browser is idle also between two frames.
    if (first && !isDrawing()) {
      waiting.delete(first);
      first();
    }
    ask();
  });
}

/**
 * Whether something that is not in sight at first is made by now: once it comes near the screen, or the browser has time. One of these
 * is made at a time.
 */
export function useLater(isNow: boolean, element?: { current: HTMLElement | null }): boolean {
  const [isMade, setMade] = useState(isNow);
  useEffect(() => {
    if (isMade) return;
    const make = (): void => setMade(true);
    const stop = whenIdle(make);
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) make();
    });
    if (element?.current) observer.observe(element.current);
    return () => {
      stop();
      observer.disconnect();
    };
  }, [isMade]);
  return isMade || isNow;
}
