import { reportHtml, type ReportInput } from '../analysis/report/report-html.ts';
import { HumanError } from '../protocol/human-error.ts';
import type { RunView } from '../protocol/panel.ts';
import { readView } from './run-view.ts';
import { said } from '../text/say.ts';

export interface ReportOptions {
  /** Metric that settings are compared by; null: the most telling one there is. */
  metric: string | null;
  pick: 'best' | 'last';
  searches?: ReportInput['searches'];
}

/** The report of runs (or folders of TensorBoard logs) as HTML. Throws `HumanError` for a run or a metric that does not exist. */
export async function reportOf(
  names: string[],
  cwd: string,
  { metric, pick, searches }: ReportOptions,
): Promise<string> {
  const runs: RunView[] = [];
  for (const name of names) runs.push(await readView(name, cwd));
  const known = new Set(runs.flatMap((run) => [...(run.state?.series.keys() ?? [])]));
  if (metric !== null && !known.has(metric))
    throw new HumanError(
      said('None of these runs has the metric {0}.', metric),
      said('There are: {0}.', [...known].sort().join(', ') || said('none yet')),
      'no_such_metric',
    );
  const experiments = [...new Set(runs.map((run) => run.file?.experiment ?? run.label))];
  const title = `Tandem: ${experiments.join(', ')}`;
  return reportHtml({ title, runs, madeAt: Date.now(), metric, pick, searches });
}
