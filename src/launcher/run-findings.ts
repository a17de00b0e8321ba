import { findingText, foundBy } from '../analysis/finding-text.ts';
import type { Finding } from '../experiment/checks/finding.ts';
import { yamlText } from '../experiment/edit/yaml-text.ts';
import type { RunFinding } from '../protocol/events.ts';
import type { RunFile } from '../protocol/run.ts';

/** The runs that an experiment file was last started as: one, or those of a sweep. `runs` are all of that file. */
export function lastStart<Run extends { file: RunFile }>(runs: readonly Run[]): Run[] {
  const newest = runs.reduce<Run | null>(
    (last, run) => (last && last.file.created >= run.file.created ? last : run),
    null,
  );
  const sweep = newest?.file.sweep?.id;
  if (sweep === undefined) return newest ? [newest] : [];
  return runs.filter(({ file }) => file.sweep?.id === sweep);
}

/**
 * What runs say of their settings, as a check of the experiment file would say it, with the key to mark and the change as a quick fix;
 * each cause once, whatever the number of runs. Never an error: a file that was started can be started again.
 */
export function findingsOfRuns(files: readonly RunFile[]): Finding[] {
  const groups = new Map<string, { finding: RunFinding; value: unknown; first: RunFile; count: number }>();
  for (const file of files)
    for (const finding of file.findings) {
      // Of a sweep the item that the run was given.
      const value = finding.key === null ? undefined : file.settings[finding.key];
      const cause = JSON.stringify([finding.code, finding.key, value]);
      const group = groups.get(cause);
      if (group) group.count++;
      else groups.set(cause, { finding, value, first: file, count: 1 });
    }
  return [...groups.values()].map(({ finding, value, first, count }) => ({
    severity: finding.severity === 'error' ? 'warning' : finding.severity,
    code: finding.code,
    message: `${foundBy(first, finding.step, count, files.length)} ${findingText(finding)}`,
    paths: [finding.key ?? ''],
    ...(value !== undefined && { value }),
    fixes: finding.change ? [{ set: finding.change.path, to: yamlText(finding.change.value) }] : [],
  }));
}
