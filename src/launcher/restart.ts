import { dirname, resolve } from 'node:path';
import { readRunFile, readSource } from '../store/run-folder.ts';
import { type Plan, planRuns } from './plan.ts';

/**
 * The plan of a run like an earlier one: the experiment's text as that run had it, what had been set beside it, and
 * `changes` over both, by dotted key. Data is read as it is now. Problems are in places of the earlier text.
 */
export async function planRestart(runDir: string, changes: Record<string, unknown> = {}): Promise<Plan> {
  const [file, text] = await Promise.all([readRunFile(runDir), readSource(runDir)]);
  // <project>/.tandem/runs/<id>
  const project = dirname(dirname(dirname(resolve(runDir))));
  const settings: Record<string, unknown> = { ...file.settings, ...changes };
  // JSON is YAML.
  const set = Object.entries(settings).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return planRuns(resolve(project, file.experiment_path), { set, sweep: false, text });
}
