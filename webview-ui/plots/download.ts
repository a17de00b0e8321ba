import { nameForFile } from '../controls/picture-dialog.tsx';
import { ask } from '../model/host.ts';
import type { CardSpec } from '../../src/analysis/cards.ts';
import type { PlotCurve } from './curves.ts';
import { csvLine } from '../../src/text/csv.ts';
import { t } from '../../src/text/say.ts';

/** Offers every point of the shown curves as CSV, one line each. */
export function saveCsv(card: CardSpec, curves: PlotCurve[]): void {
  const content = csvOf(curves.filter(({ isHidden }) => !isHidden));
  void ask(
    { kind: 'save', name: `${nameForFile(card.id)}.csv`, content, base64: false },
    t('save the values'),
  );
}

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
