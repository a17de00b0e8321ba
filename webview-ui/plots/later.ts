import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useTab } from '../model/tab-view.ts';
import { isDrawing } from './frames.ts';

type Turn = () => void;

/** What is put off until the browser has nothing else to do, in the order of the screen: of the tab in sight, and of others. */
const waiting = new Set<Turn>();
const unseen = new Set<Turn>();
let isAsked = false;

/** Where a browser knows no tasks of low priority, and where a frame is waited for, in ms. */
const pauseMs = 50;

/** Not in TypeScript's types of the browser yet. */
declare const scheduler: {
  postTask(run: () => void, options: { priority: 'background' }): Promise<void>;
};

/** Behind everything else that the page does, frames and keys before all; idle callbacks come seconds late beside other programs. */
function behind(run: () => void): void {
  if ('scheduler' in window) void scheduler.postTask(run, { priority: 'background' });
  else setTimeout(run, pauseMs);
}

/** Whether something waits for its turn. */
export const isBusy = (): boolean => waiting.size + unseen.size > 0;

export function whenIdle(turn: Turn, isSeen: boolean): () => void {
  const turns = isSeen ? waiting : unseen;
  turns.add(turn);
  ask();
  return () => turns.delete(turn);
}

function ask(): void {
  if (isAsked || !isBusy()) return;
  isAsked = true;
  // What is in sight is drawn before.
  if (isDrawing()) setTimeout(take, pauseMs);
  else behind(take);
}

function take(): void {
  isAsked = false;
  const turns = waiting.size ? waiting : unseen;
  const [first] = turns;
  if (first && !isDrawing()) {
    turns.delete(first);
    first();
  }
  ask();
}

/**
 * Whether something is made by now: at once where it `isNow` on the screen, else once it comes near that, or the browser has time. One
 * of these is made at a time.
 */
export function useLater(isNow: boolean, element?: { current: HTMLElement | null }): boolean {
  const tab = useTab();
  const [isMade, setMade] = useState(false);
  const wasMade = useRef(false);
  const isThere = isMade || wasMade.current;
  // Not asked for any more once it is made: to show a tab is no reason to make its parts anew.
  const isSeen = isThere || tab.isSeen.value;
  wasMade.current = isThere || (isNow && isSeen);
  useEffect(() => {
    if (wasMade.current) return;
    const make = (): void => setMade(true);
    const stop = whenIdle(make, isSeen);
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) make();
    });
    if (isSeen && element?.current) observer.observe(element.current);
    return () => {
      stop();
      observer.disconnect();
    };
  }, [wasMade.current, isSeen]);
  return wasMade.current;
}

/** A part of a tab: made at once where that is in sight, else one after the other. */
export const Later = ({ children }: { children: ComponentChildren }): ComponentChildren =>
  useLater(true) ? children : null;
