import { useEffect, useState } from 'preact/hooks';

/** The rows that are drawn: those in view and some above and below, so that a fast wheel meets none that is missing. */
export interface VirtualRows {
  first: number;
  /** Not included. */
  end: number;
}

const margin = 12;

/** Which of many rows of one height are drawn while `box` scrolls over them. */
export function useVirtualRows(
  box: { current: HTMLElement | null },
  count: number,
  rowHeight: number,
): VirtualRows {
  const [view, setView] = useState({ top: 0, height: 800 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const read = (): void => {
      const next = { top: element.scrollTop, height: element.clientHeight };
      // Less than the margin is no news: most scrolling draws nothing anew.
      setView((now) =>
        Math.abs(now.top - next.top) < (margin / 2) * rowHeight && now.height === next.height ? now : next,
      );
    };
    const observer = new ResizeObserver(read);
    observer.observe(element);
    element.addEventListener('scroll', read, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', read);
    };
  }, [box.current]);
  const inView = Math.ceil(view.height / rowHeight);
  const last = Math.max(0, count - inView);
  const top = Math.min(last, Math.floor(view.top / rowHeight));
  return { first: Math.max(0, top - margin), end: Math.min(count, top + inView + margin) };
}
