import type {} from '../../test/panel/host/page.ts';
import type { Frame, Page } from 'playwright-core';
import { panelOf } from '../../test/panel/host/serve.ts';
import type { Stage } from '../../test/panel/host/serve.ts';

/** Clicks of the host on a sweep, while other plots are in sight; `plots` of a sweep are. */
export async function measureClicks(
  stage: Stage,
  plots: number,
): Promise<{ clickMs: number; againMs: number }> {
  const page = await stage.newPage({ width: 1400, height: 900 });
  await page.evaluate(() => {
    const { host, fake } = window;
    host.tab = 'plots';
    host.runs = ['one', 'sweep', 'other'].flatMap((name) => fake.manyOf(name, name === 'one' ? 1 : 50));
    host.shown = [host.runs[0]!.id];
    host.open('dark');
  });
  const panel = await panelOf(page);
  await panel.locator('[data-card="loss"] canvas').waitFor();
  await page.waitForTimeout(2_000);
  const clickMs = await clicked(page, panel, 'sweep', plots);
  await page.waitForTimeout(2_000);
  await clicked(page, panel, 'other', plots);
  await page.waitForTimeout(2_000);
  return { clickMs, againMs: await clicked(page, panel, 'sweep', plots) };
}

/** Until every plot in sight has names of the sweep's runs, and all that was asked for since is drawn. */
async function clicked(page: Page, panel: Frame, name: string, plots: number): Promise<number> {
  const drawn = panel.evaluate(
    async ([wanted, count]) => {
      let named = Infinity;
      const look = (): void => {
        const cards = [...document.querySelectorAll('.card')].filter(
          (card) => card.getBoundingClientRect().top < window.innerHeight,
        );
        const areNamed = cards.every((card) =>
          card.querySelector('.legend-label')?.textContent?.startsWith(`${wanted!} `),
        );
        if (cards.length >= Number(count) && areNamed) named = Math.min(named, performance.now());
      };
      const observer = new MutationObserver(look);
      observer.observe(document.body, { childList: true, characterData: true, subtree: true });
      for (;;) {
        await new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        if ((performance.getEntriesByName('tandem-drawn').at(-1)?.startTime ?? 0) <= named) continue;
        observer.disconnect();
        return performance.timeOrigin + performance.now();
      }
    },
    [name, plots],
  );
  await page.waitForTimeout(200);
  const start = await page.evaluate((wanted) => {
    const { host } = window;
    const now = performance.timeOrigin + performance.now();
    host.shown = host.runs.filter(({ label }) => label.startsWith(`${wanted} `)).map(({ id }) => id);
    host.snapshot();
    return now;
  }, name);
  return (await drawn) - start;
}
