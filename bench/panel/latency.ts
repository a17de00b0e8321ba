import type {} from '../../test/panel/host/page.ts';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '../../src/protocol/events.ts';
import { followEvents, openEventWriter } from '../../src/store/events.ts';
import { panelOf } from '../../test/panel/host/serve.ts';
import { stepEvent } from '../../test/panel/host/fake-runs.ts';
import type { Stage } from '../../test/panel/host/serve.ts';

const steps = 200;
const pauseMs = 60;
/** As often as the extension reads the events of a run that trains. */
const readMs = 100;

/** Writes steps to an events file as a trainer does, follows it as the extension does, and sees when each is on the screen. */
export async function measureLatency(stage: Stage): Promise<{ p95Ms: number }> {
  const dir = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
  const busy = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for (;;);']),
  );
  const stop = new AbortController();
  try {
    const page = await stage.newPage({ width: 1400, height: 900 });
    await page.evaluate(() => {
      const { host, fake } = window;
      const rates = { image: 1e-3, text: 2e-5 };
      host.tab = 'plots';
      host.runs = [fake.runOf('live', fake.fakeEvents({ seed: 1, steps: 100_000, done: 2, rates }), {})];
      host.shown = ['live'];
      host.open('dark');
    });
    const panel = await panelOf(page);
    await panel.locator('[data-card^="loss"] canvas').waitFor();
    const seen = panel.evaluate(watch, 2 + steps);
    const written = new Map<number, number>();
    const following = followEvents(dir, {
      intervalMs: readMs,
      signal: stop.signal,
      onEvents: (events: RunEvent[]) =>
        void page.evaluate((news) => window.host.append('live', news), events),
    });
    const writer = await openEventWriter(dir);
    for (let step = 3; step <= 2 + steps; step++) {
      const norms = { image: 1 + (step % 3), text: 0.4, fusion: 0.9 };
      const time = Date.now();
      writer.write(stepEvent(step, time, 4 - step / 200, norms, { image: 1e-3, text: 2e-5 }, 1, 1));
      await writer.flush();
      written.set(step, time);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    const drawn = await seen;
    await writer.close();
    stop.abort();
    await following;
    const waits = [...written].map(([step, time]) => drawn.find(({ upTo }) => upTo >= step)!.time - time);
    waits.sort((a, b) => a - b);
    return { p95Ms: waits[Math.floor(0.95 * (waits.length - 1))]! };
  } finally {
    stop.abort();
    for (const child of busy) child.kill();
    await rm(dir, { recursive: true, force: true });
  }
}

/** In the panel: the time of each drawing and the last step that it showed, until `last` is there. */
function watch(last: number): Promise<{ upTo: number; time: number }[]> {
  return new Promise((resolve) => {
    const drawn: { upTo: number; time: number }[] = [];
    new PerformanceObserver((_list, observer) => {
      const label = document.querySelector('[data-card^="loss"] canvas')?.getAttribute('aria-label') ?? '';
      const upTo = Number(/to step (\d+)/.exec(label)?.[1] ?? 0);
      drawn.push({ upTo, time: Date.now() });
      if (upTo < last) return;
      observer.disconnect();
      resolve(drawn);
    }).observe({ type: 'mark' });
  });
}
