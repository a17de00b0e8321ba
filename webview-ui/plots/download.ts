import { ask } from '../model/host.ts';
import { theme } from '../model/theme.ts';
import type { CardSpec } from '../../src/analysis/cards.ts';
import type { PlotCurve } from './curves.ts';
import { csvLine } from '../../src/text/csv.ts';
import { t } from '../../src/text/say.ts';

/** Offers the plot as PNG, with its title and what the lines are. */
export function savePicture(card: CardSpec, curves: PlotCurve[], plot: HTMLCanvasElement): void {
  const { background, foreground, font } = theme.value;
  const shown = curves.filter(({ isHidden }) => !isHidden).slice(0, 12);
  const ratio = plot.width / plot.clientWidth;
  const line = 20;
  const head = 34 + Math.ceil(shown.length / 3) * line;
  const canvas = document.createElement('canvas');
  canvas.width = plot.width;
  canvas.height = plot.height + head * ratio;
  const ctx = canvas.getContext('2d')!;
  ctx.scale(ratio, ratio);
  ctx.fillStyle = background;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.fillStyle = foreground;
  ctx.font = `600 14px ${font}`;
  ctx.fillText(card.unit ? `${card.title}, ${card.unit}` : card.title, 10, 20);
  ctx.font = `12px ${font}`;
  shown.forEach(({ colour, label, dash }, index) => {
    const x = 10 + (index % 3) * (plot.clientWidth / 3);
    const y = 40 + Math.floor(index / 3) * line;
    ctx.strokeStyle = colour;
    ctx.lineWidth = 2;
    ctx.setLineDash(dash);
    ctx.beginPath();
    ctx.moveTo(x, y - 4);
    ctx.lineTo(x + 18, y - 4);
    ctx.stroke();
    ctx.fillText(label, x + 24, y, plot.clientWidth / 3 - 34);
  });
  ctx.drawImage(plot, 0, head, plot.clientWidth, plot.clientHeight);
  const content = canvas.toDataURL('image/png').split(',')[1]!;
  void ask({ kind: 'save', name: `${fileName(card)}.png`, content, base64: true }, t('save the picture'));
}

/** Offers every point of the shown curves as CSV, one line each. */
export function saveCsv(card: CardSpec, curves: PlotCurve[]): void {
  const content = csvOf(curves.filter(({ isHidden }) => !isHidden));
  void ask({ kind: 'save', name: `${fileName(card)}.csv`, content, base64: false }, t('save the values'));
}

const fileName = (card: CardSpec): string => card.id.replace(/[^\w.-]+/g, '-');

/** `run,metric,step,time,value`; the time as ISO 8601, numbers with all their digits. */
function csvOf(curves: Pick<PlotCurve, 'run' | 'metric' | 'track'>[]): string {
  const lines = ['run,metric,step,time,value'];
  for (const { run, metric, track } of curves) {
    const { steps, times, values, length } = track.series;
    const start = csvLine([run.file?.id ?? run.label, metric]);
    for (let i = 0; i < length; i++)
      lines.push(`${start},${steps[i]},${new Date(times[i]!).toISOString()},${values[i]}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}
