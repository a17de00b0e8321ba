import type {} from '../../test/panel/host/page.ts';
import type { Frame } from 'playwright-core';
import { panelOf } from '../../test/panel/host/serve.ts';
import type { Stage } from '../../test/panel/host/serve.ts';
import { measureClicks } from './sweep-click.ts';

/** What a person waits for with many runs, in ms: from the event to the first frame painted with what it changed. */
export interface ManyRuns {
  openMs: number;
  /** Only for plots: until what is below the screen is made as well. */
  wholeMs?: number;
  /** Where nothing was made ahead, for the panel never rested since it had the curves. */
  coldMs?: number;
  /** From the host's click on the sweep while the plots of one other run are in sight; the sweep's curves come with it. */
  clickMs?: number;
  /** The same while those of another sweep are in sight, and the sweep's own were before. */
  againMs?: number;
  /** The slowest of twenty places. */
  hoverMs: number;
  /** The slowest of four filters, typed one after the other. */
  filterMs: number;
  sortMs: number;
}

const filters = ['1e-3', 'recall@10 > 0.2', 'optimizer.learning_rate.text < 1e-4 status:finished', ''];

/** The plots of a sweep of 50 runs that are opened and pointed at, and their table. */
export async function measureSweep(stage: Stage): Promise<ManyRuns> {
  const coldMs = await timed(await openedOn(stage, 50, true), { press: '#tab-plots', plots: inSight });
  const panel = await openedOn(stage, 50);
  const openMs = await timed(panel, { press: '#tab-plots', plots: inSight });
  const wholeMs = openMs + (await untilWhole(panel));
  const hoverMs = await slowestHover(panel, '[data-card^="loss"] .plot', 'x');
  await timed(panel, { press: '#tab-runs' });
  return {
    openMs,
    coldMs,
    wholeMs,
    hoverMs,
    ...(await measureTable(panel)),
    ...(await measureClicks(stage, inSight)),
  };
}

/** Plots of many runs that a window of 1400 x 900 shows at once. */
const inSight = 9;

/** The table of 1,000 runs. */
export async function measureThousand(stage: Stage): Promise<ManyRuns> {
  const panel = await openedOn(stage, 1_000);
  const openMs = await timed(panel, { press: '#tab-runs' });
  const hoverMs = await slowestHover(panel, '.runs-scroll', 'y');
  return { openMs, hoverMs, ...(await measureTable(panel)) };
}

async function measureTable(panel: Frame): Promise<Pick<ManyRuns, 'filterMs' | 'sortMs'>> {
  const waits: number[] = [];
  for (const text of filters) waits.push(await timed(panel, { type: text }));
  const sorts: number[] = [];
  for (const column of ['best recall@10', 'status', 'started'])
    sorts.push(await timed(panel, { sort: column }));
  return { filterMs: Math.max(...waits), sortMs: Math.max(...sorts) };
}

/** A panel on another tab with runs of one sweep, their curves read two seconds ago; `isRestless`: it is resized all the time. */
async function openedOn(stage: Stage, count: number, isRestless = false): Promise<Frame> {
  const page = await stage.newPage({ width: 1400, height: 900 });
  await page.evaluate((wanted) => {
    const { host, fake } = window;
    host.tab = 'experiment';
    host.text = 'data: { pairs: pairs.csv }';
    host.runs = fake.manyOf('sweep', wanted);
    host.shown = host.runs.slice(0, 50).map(({ id }) => id);
    host.open('dark');
  }, count);
  const panel = await panelOf(page);
  await panel.locator('#tab-experiment[aria-selected=true]').waitFor();
  for (let waited = 0; waited < 2_000; waited += 200) {
    if (isRestless) await panel.evaluate(() => window.dispatchEvent(new Event('resize')));
    await page.waitForTimeout(200);
  }
  return panel;
}

/** Until no plot is only a place any more. */
const untilWhole = (panel: Frame): Promise<number> =>
  panel.evaluate(async () => {
    const start = performance.now();
    while (document.querySelector('.card-place')) await new Promise((resolve) => setTimeout(resolve, 10));
    return performance.now() - start;
  });

interface Asked {
  /** Selector of what is clicked. */
  press?: string;
  /** A filter to type. */
  type?: string;
  /** Title of the column to sort by. */
  sort?: string;
  /** So many plots have to be in sight, and all that are have to be drawn; without it the next painted frame counts. */
  plots?: number;
}

const timed = (panel: Frame, asked: Asked): Promise<number> =>
  panel.evaluate(async ({ press, type, sort, plots = 0 }) => {
    const painted = () => new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    await painted();
    const titles = [...document.querySelectorAll<HTMLElement>('.runs-table thead .sort')];
    const target =
      press !== undefined
        ? document.querySelector<HTMLElement>(press)!
        : titles.find(({ textContent }) => textContent?.startsWith(sort ?? ' '));
    const start = performance.now();
    if (type !== undefined) {
      const box = document.querySelector<HTMLInputElement>('.runs-filter')!;
      box.value = type;
      box.dispatchEvent(new Event('input', { bubbles: true }));
    } else target!.click();
    for (;;) {
      await painted();
      const end = performance.now();
      const cards = [...document.querySelectorAll('#tab-panel .card')].filter(
        (card) => card.checkVisibility({ visibilityProperty: true }) && topOf(card) < window.innerHeight,
      );
      if (cards.length >= plots && (!plots || cards.every(isDrawn))) return end - start;
    }

    function topOf(element: Element): number {
      return element.getBoundingClientRect().top;
    }

    /** Reads the picture itself: a plot of which only the place is there has none. */
    function isDrawn(card: Element): boolean {
      const canvas = card.querySelector('canvas');
      const ctx = canvas?.getContext('2d');
      return Boolean(ctx?.getImageData(0, 0, canvas!.width, canvas!.height).data.some((value) => value > 0));
    }
  }, asked);

/** Moves the pointer over an element, along one axis. */
const slowestHover = (panel: Frame, selector: string, along: 'x' | 'y'): Promise<number> =>
  panel.evaluate(
    async ([wanted, axis]) => {
      let slowest = 0;
      const box = document.querySelector(wanted!)!.getBoundingClientRect();
      for (let i = 1; i <= 20; i++) {
        const part = 0.15 + 0.035 * i;
        const clientX = box.left + box.width * (axis === 'x' ? part : 0.3);
        const clientY = box.top + box.height * (axis === 'y' ? part : 0.5);
        await new Promise(requestAnimationFrame);
        const start = performance.now();
        const target = document.elementFromPoint(clientX, clientY)!;
        for (const kind of ['mouseover', 'mousemove'])
          target.dispatchEvent(new MouseEvent(kind, { clientX, clientY, bubbles: true }));
        // What the pointer moves is set in the next frame, and painted with it.
        await new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        slowest = Math.max(slowest, performance.now() - start);
      }
      return slowest;
    },
    [selector, along],
  );
