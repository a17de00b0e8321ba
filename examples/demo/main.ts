import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ReportInput } from '../../src/analysis/report/report-html.ts';
import { here, type Context } from '../../src/launcher/cli/context.ts';
import { askModel } from '../../src/launcher/cli/model-command.ts';
import { HumanError } from '../../src/protocol/human-error.ts';
import { showError } from '../../src/launcher/cli/errors.ts';
import { exitCodes } from '../../src/launcher/cli/exit-codes.ts';
import { print, surviveClosedPipes } from '../../src/launcher/cli/output.ts';
import { printProblems } from '../../src/launcher/cli/problems.ts';
import { trainShown } from '../../src/launcher/cli/sweep-command.ts';
import { duration } from '../../src/text/durations.ts';
import { createRuns } from '../../src/launcher/create-runs.ts';
import { planRuns } from '../../src/launcher/plan.ts';
import { reportOf } from '../../src/launcher/report.ts';
import { runEntry, type RunEntry } from '../../src/launcher/run-entry.ts';
import { readRunFile } from '../../src/store/run-folder.ts';
import { makeDemoData } from './dataset.ts';
import { comparison } from './table.ts';

/** What the settings are compared by. */
const metric = 'val/recall@10';

/** `npm run demo`: makes a data set from emoji that npm packages carry, compares three settings on it, prints the outcome. */
async function demo(): Promise<number> {
  const began = performance.now();
  const context = here();
  const folder = join(context.cwd, 'demo');
  print('Tandem demo: find an emoji by its words, whoever drew it.');
  const data = await makeDemoData(folder);
  const file = join(folder, 'demo.tandem.yaml');
  await writeFile(file, await readFile(join(context.cwd, 'examples/demo/demo.tandem.yaml'), 'utf8'));
  print(
    `Trained on:   ${data.fluent} 3-D drawings and ${data.openmojiTrain} line drawings, each with its name and keywords.`,
  );
  print(
    `Validated on: ${data.openmojiVal} line drawings of ${data.heldOutConcepts} ideas. No picture of them, nor any line`,
  );
  print('              drawing of their ideas, is trained on; their words are, with the 3-D drawings.');

  if (data.copied === 0) print('The images are there from an earlier time.');

  const plan = await planRuns(file);
  printProblems(
    file,
    plan.problems.filter(({ severity }) => severity !== 'info'),
    context.cwd,
  );
  if (plan.runs.length === 0) return exitCodes.problems;
  const dirs = await createRuns(plan, { areOurs: true });
  print('');
  const { isStopped, failure } = await trainShown(dirs, plan.runsDir, 1, { json: false, context });
  const entries = await Promise.all(dirs.map(async (dir) => runEntry(dir, await readRunFile(dir))));
  print('');
  for (const line of comparison(entries, data.openmojiVal)) print(line);
  const place = relative(context.cwd, plan.runsDir);
  print('');
  const report = join(folder, 'report.html');
  // A demo that was stopped early has nothing to compare.
  const measured = entries.filter(({ summary }) => metric in summary).map(({ id }) => id);
  if (measured.length > 0) {
    const searches = await searchesOf(entries, context);
    await writeFile(report, await reportOf(measured, folder, { metric, pick: 'best', searches }));
    print(`Report:  ${relative(context.cwd, report)}, to be opened in a browser`);
  }
  print(`Runs:    ${place} (tandem runs demo; tandem show ID; tensorboard --logdir ${place})`);
  print(`Data:    ${relative(context.cwd, folder)}, with the licences of the pictures in LICENCES.txt`);
  print(`Took ${duration(performance.now() - began)} in all.`);
  if (isStopped) return exitCodes.stopped;
  if (failure) return showError(failure, { json: false });
  return entries.every(({ status }) => status === 'finished') ? exitCodes.done : exitCodes.failed;
}

/** What the best model finds among the held-out drawings; a demo whose models cannot be opened goes without. */
async function searchesOf(entries: RunEntry[], context: Context): Promise<ReportInput['searches']> {
  const valueOf = ({ summary }: RunEntry): number => summary[metric]?.best ?? -Infinity;
  const best = entries.reduce((one, other) => (valueOf(other) > valueOf(one) ? other : one));
  try {
    const found = await askModel(best.dir, context, (ask) => ask('heldOut', { count: 24, top: 5 }, ''));
    return { run: best.id, found };
  } catch (error) {
    if (!(error instanceof HumanError)) throw error;
    print(`The report has no searches: ${error.message}`);
    return undefined;
  }
}

surviveClosedPipes();
try {
  process.exitCode = await demo();
} catch (error) {
  process.exitCode = await showError(error, { json: false });
}
