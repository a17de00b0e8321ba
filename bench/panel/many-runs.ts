import type {} from '../../test/panel/host/page.ts';
import type { Frame } from 'playwright-core';
import { panelOf } from '../../test/panel/host/serve.ts';
import type { Stage } from '../../test/panel/host/serve.ts';

/** What a person waits for with many runs, in ms: from the event to the first frame painted with what it changed. */
export interface ManyRuns {
  openMs: number;
  /** Until what is below the screen is made as well; only for plots. */
  wholeMs?: number;
  /** The slowest of twenty places. */
  hoverMs: number;
  /** The slowest of four filters, typed one after the other. */
  filterMs: number;
  sortMs: number;
}

const filters = ['1e-3', 'recall@10 > 0.2', 'optimizer.learning_rate.text < 1e-4 status:finished', ''];

/** The plots of a sweep of 50 runs that are opened and pointed at, and their table. */
export async function measureSweep(stage: Stage): Promise<ManyRuns> {
  const panel = await openedOn(stage, 50);
  const openMs = await timed(panel, { press: '#tab-plots', drawn: '[data-card^="loss"] canvas' });
  const wholeMs = openMs + (await untilWhole(panel));
  const hoverMs = await slowestHover(panel, '[data-card^="loss"] .plot', 'x');
  await timed(panel, { press: '#tab-runs' });
  return { openMs, wholeMs, hoverMs, ...(await measureTable(panel)) };
}

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

/** A panel on another tab with runs of one sweep, their curves read. */
async function openedOn(stage: Stage, count: number): Promise<Frame> {
  const page = await stage.newPage({ width: 1400, height: 900 });
  await page.evaluate((wanted) => {
    const { host, fake } = window;
    const sweep = fake.fakeSweep(6);
    const runs = Array.from({ length: wanted }, (_, i) => {
      const run = sweep[i % sweep.length]!;
      return {
        ...run,
        id: `${run.id}-${i}`,
        file: { ...run.file!, id: `${run.id}-${i}`, created: 1e12 + i },
      };
    });
    host.tab = 'experiment';
    host.text = 'data: { pairs: pairs.csv }';
    host.runs = runs;
    host.shown = runs.slice(0, 50).map(({ id }) => id);
    host.open('dark');
  }, count);
  const panel = await panelOf(page);
  await panel.locator('#tab-experiment[aria-selected=true]').waitFor();
  await page.waitForTimeout(2_000);
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
  /** A canvas that has to be drawn; without it the next painted frame counts. */
  drawn?: string;
}

const timed = (panel: Frame, asked: Asked): Promise<number> =>
  panel.evaluate(async ({ press, type, sort, drawn }) => {
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
    // A plot of which only the place is there must not be in sight.
    const isWhole = () =>
      [...document.querySelectorAll('.card-place')].every(
        (place) => place.getBoundingClientRect().top >= window.innerHeight,
      );
    for (;;) {
      await painted();
      const mark = performance.getEntriesByName('tandem-drawn').at(-1)?.startTime ?? 0;
      if (!drawn || (document.querySelector(drawn) && mark > start && isWhole()))
        return performance.now() - start;
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
