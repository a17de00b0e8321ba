import {
  CategoryScale,
  Chart,
  Decimation,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
} from 'chart.js';

Chart.register(CategoryScale, Decimation, LinearScale, LineController, LineElement, PointElement);

/** What Chart.js itself takes for the same curves: line charts with its own min-max decimation. */
export interface ChartjsTimes {
  openMs: number;
  zoomFps: number;
}

declare global {
  interface Window {
    measureChartjs(steps: number, series: number): Promise<ChartjsTimes>;
  }
}

window.measureChartjs = async (steps, series) => {
  const curves = Array.from({ length: series }, (_, curve) =>
    Array.from({ length: steps }, (__, step) => ({
      x: step,
      y: Math.sin(step / 9e4 + curve) + Math.random(),
    })),
  );
  const start = performance.now();
  const charts = curves.map((data) => {
    const canvas = document.body.appendChild(document.createElement('canvas'));
    [canvas.width, canvas.height] = [440, 260];
    return new Chart(canvas, {
      type: 'line',
      data: { datasets: [{ data, pointRadius: 0, borderWidth: 1, indexAxis: 'x' }] },
      options: {
        animation: false,
        parsing: false,
        normalized: true,
        responsive: false,
        plugins: { decimation: { enabled: true, algorithm: 'min-max' } },
        scales: { x: { type: 'linear' }, y: { type: 'linear' } },
      },
    });
  });
  await new Promise(requestAnimationFrame);
  const openMs = performance.now() - start;

  let drawn = 0;
  const began = performance.now();
  for (let turn = 0; performance.now() - began < 3_000; turn++) {
    const share = 1 - 0.01 * (turn % 60 < 30 ? turn % 30 : 30 - (turn % 30));
    for (const chart of charts) {
      Object.assign(chart.options.scales!['x']!, { min: steps * 0.6 * (1 - share), max: steps * share });
      chart.update('none');
    }
    drawn++;
    await new Promise(requestAnimationFrame);
  }
  return { openMs, zoomFps: drawn / ((performance.now() - began) / 1000) };
};
