import type {} from './chartjs-page.ts';
import type { ChartjsTimes } from './chartjs-page.ts';
import * as esbuild from 'esbuild';
import type { Stage } from '../../test/panel/host/serve.ts';

/** The peer of `measureOpening` and `measureZoom`: the curves drawn by Chart.js alone, in the same browser. */
export async function measureChartjs(stage: Stage, steps: number, series: number): Promise<ChartjsTimes> {
  const { outputFiles } = await esbuild.build({
    entryPoints: ['bench/panel/chartjs-page.ts'],
    bundle: true,
    write: false,
    format: 'iife',
    minify: true,
  });
  const page = await stage.browser.newPage({ viewport: { width: 1400, height: 900 } });
  await page.addScriptTag({ content: outputFiles[0]!.text });
  const times = await page.evaluate(
    ([count, curves]) => window.measureChartjs(count!, curves!),
    [steps, series],
  );
  await page.close();
  return times;
}
