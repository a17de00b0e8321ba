import { statSync } from 'node:fs';
import { openStage } from '../test/panel/host/serve.ts';
import { measureChartjs } from './panel/chartjs.ts';
import { measureLatency } from './panel/latency.ts';
import { measureSweep, measureThousand } from './panel/many-runs.ts';
import type { ManyRuns } from './panel/many-runs.ts';
import { measureOpening, measureZoom } from './panel/opening.ts';

/*
 * What a person waits for in the panel, in headless Chromium on the built bundle.   npm run bench -- panel [--json]
 * The host's page stands in another process than the panel, as in VS Code; curves cross as they do there.
 *   open_1m_ms               from the click on a run of 1,000,000 steps x 6 series to all of its plots drawn
 *   chartjs_open_1m_ms, chartjs_zoom_fps   the same curves by Chart.js' own line charts and decimation, data already in the page
 *   longest_block_ms         longest task of the panel's main thread meanwhile and while zooming (0: none over 50 ms)
 *   zoom_fps                 redraws of all plots a second while the wheel zooms in and out of that run
 *   open_50x10k_ms           from the click on "Show all" to 50 runs of 10,000 steps x 6 series drawn over each other
 *   open_1m_cpu_ms, open_50x10k_cpu_ms   processor time of all of the browser's processes for it: what a busy machine does not change
 *   sweep_*, thousand_*      50 runs of a sweep (their plots, then their table) and the table of 1,000: opened, pointed at, filtered and
 *                            sorted, from the event to the painted frame, the slowest of each; the bar is 100 ms
 *   sweep_open_ms            from the first press on Plots to the frame in which all that is on the screen is drawn (nine of the plots).
 *                            The panel had the curves and was left alone for two seconds on another tab: it had made and drawn the plots
 *                            ahead, the press only shows them. sweep_cold_ms: the same where nothing was made ahead; sweep_whole_ms: and
 *                            those below the screen are made
 *   sweep_click_ms           from the host's click on the sweep while another run's plots are in sight, its curves sent with the click;
 *                            sweep_again_ms: while another sweep's are, and the panel has had the curves before. Nothing is made ahead
 *   metric_to_pixel_p95_ms   from an event written to events.jsonl to its plot drawn, while every core is kept busy
 *   bundle_bytes             dist/panel.js and dist/panel.css
 */

const named = (what: string, figures: ManyRuns) =>
  Object.fromEntries(
    Object.entries(figures).map(([name, ms]: [string, number]) => [
      `${what}_${name.replace('Ms', '_ms')}`,
      Math.round(ms),
    ]),
  );

const isJson = process.argv.includes('--json');
const stage = await openStage('dist');
try {
  const long = await measureOpening(stage, { runs: 1, steps: 1_000_000, series: 6 });
  const zoom = await measureZoom(long.page);
  const many = await measureOpening(stage, { runs: 50, steps: 10_000, series: 6 });
  const chartjs = await measureChartjs(stage, 1_000_000, 6);
  const sweep = await measureSweep(stage);
  const thousand = await measureThousand(stage);
  const latency = await measureLatency(stage);
  const result = {
    open_1m_ms: Math.round(long.ms),
    open_1m_cpu_ms: Math.round(long.cpuMs),
    zoom_fps: Math.round(zoom.fps * 10) / 10,
    chartjs_open_1m_ms: Math.round(chartjs.openMs),
    chartjs_zoom_fps: Math.round(chartjs.zoomFps * 10) / 10,
    longest_block_ms: Math.round(Math.max(long.longestBlockMs, zoom.longestBlockMs)),
    open_50x10k_ms: Math.round(many.ms),
    open_50x10k_cpu_ms: Math.round(many.cpuMs),
    ...named('sweep', sweep),
    ...named('thousand', thousand),
    many_runs_bar_ms: 100,
    metric_to_pixel_p95_ms: Math.round(latency.p95Ms),
    bundle_bytes: statSync('dist/panel.js').size + statSync('dist/panel.css').size,
  };
  if (!isJson) console.table(result);
  console.log(JSON.stringify(result));
} finally {
  await stage.close();
}
