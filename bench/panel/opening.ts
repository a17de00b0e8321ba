import type {} from '../../test/panel/host/page.ts';
import type { Frame, Page } from 'playwright-core';
import { panelOf } from '../../test/panel/host/serve.ts';
import type { Stage } from '../../test/panel/host/serve.ts';

export interface OpeningInput {
  runs: number;
  steps: number;
  series: number;
}

export interface Opening {
  page: Page;
  /** From the click to everything drawn. */
  ms: number;
  /** Processor time of all of the browser's processes from the click until nothing more is done, the host's page among them. */
  cpuMs: number;
  /** Longest task of the panel's main thread meanwhile; 0 when none took 50 ms. */
  longestBlockMs: number;
}

/** Opens the panel with runs in its list, none drawn, and clicks them all. */
export async function measureOpening(stage: Stage, input: OpeningInput): Promise<Opening> {
  const page = await stage.newPage({ width: 1400, height: 900 });
  await page.evaluate(({ runs, steps, series }) => {
    const { host, fake } = window;
    host.tab = 'plots';
    host.runs = Array.from({ length: runs }, (_, i) => fake.longRun(`run ${i}`, steps, series, i + 1));
    host.open('dark');
  }, input);
  const panel = await panelOf(page);
  await panel.locator('.run-list summary').click();
  // The page and its host have settled before the clock starts.
  await page.waitForTimeout(1_000);
  await watchBlocks(panel);
  const cpuBefore = await processorMs(stage);
  const ms = await panel.evaluate(clickAndWait, { text: `to step ${input.steps}`, lines: input.runs });
  await page.waitForTimeout(500);
  const cpuMs = (await processorMs(stage)) - cpuBefore;
  return { page, ms, cpuMs, longestBlockMs: await longestBlock(panel) };
}

/** In the panel: clicks "Show all", and waits until every curve has arrived and was drawn. */
async function clickAndWait({ text, lines }: { text: string; lines: number }): Promise<number> {
  const button = [...document.querySelectorAll<HTMLElement>('.run-list button')].find(
    ({ textContent }) => textContent === 'Show all',
  )!;
  const start = performance.now();
  button.click();
  let before = start;
  for (;;) {
    await pause();
    const label = document.querySelector('[data-card^="loss"] canvas')?.getAttribute('aria-label') ?? '';
    if (label.includes(text) && countOf() >= lines && !document.querySelector('.bar')) break;
    before = performance.now();
  }
  // The first drawing that ended after the curves were whole; none follows where the names of the legend came last.
  for (const until = performance.now() + 300; performance.now() < until;) {
    const drawn = performance.getEntriesByName('tandem-drawn').at(-1)?.startTime ?? 0;
    if (drawn > before) return drawn - start;
    await pause();
  }
  return before - start;

  /** No frame is asked for that the panel does not ask for itself. */
  function pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, 10));
  }

  function countOf(): number {
    const card = document.querySelector('[data-card^="loss"]');
    const more = Number(/and (\d+) more/.exec(card?.textContent ?? '')?.[1] ?? 0);
    return (card?.querySelectorAll('.legend-item').length ?? 0) + more;
  }
}

/** Turns the wheel over a plot once a frame for three seconds, in and out, and counts the drawings. */
export async function measureZoom(page: Page): Promise<{ fps: number; longestBlockMs: number }> {
  const panel = await panelOf(page);
  await panel.locator('.run-list summary').click();
  await watchBlocks(panel);
  const fps = await panel.evaluate(async () => {
    const canvas = document.querySelector<HTMLCanvasElement>('[data-card^="loss"] canvas')!;
    const box = canvas.getBoundingClientRect();
    let drawn = 0;
    const observer = new PerformanceObserver(
      (list) => (drawn += list.getEntriesByName('tandem-drawn').length),
    );
    observer.observe({ type: 'mark' });
    const start = performance.now();
    for (let turn = 0; performance.now() - start < 3_000; turn++) {
      const isIn = turn % 60 < 30;
      const place = { clientX: box.left + box.width * 0.6, clientY: box.top + box.height / 2 };
      const wheel = { deltaY: isIn ? -100 : 100, ctrlKey: true, bubbles: true, cancelable: true, ...place };
      canvas.dispatchEvent(new WheelEvent('wheel', wheel));
      await new Promise(requestAnimationFrame);
    }
    const seconds = (performance.now() - start) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 50));
    observer.disconnect();
    return drawn / seconds;
  });
  return { fps, longestBlockMs: await longestBlock(panel) };
}

/** Processor time of all of the browser's processes so far, in ms. */
async function processorMs({ browser }: Stage): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return 1e3 * processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

interface Watched extends Window {
  blocks?: number[];
}

async function watchBlocks(panel: Frame): Promise<void> {
  await panel.evaluate(() => {
    const blocks: number[] = ((window as Watched).blocks = []);
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) blocks.push(duration);
    }).observe({ type: 'longtask' });
  });
}

async function longestBlock(panel: Frame): Promise<number> {
  await panel.waitForTimeout(100);
  return panel.evaluate(() => Math.max(0, ...((window as Watched).blocks ?? [])));
}
