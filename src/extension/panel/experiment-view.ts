import { freemem, totalmem } from 'node:os';
import { dirname, relative } from 'node:path';
import * as vscode from 'vscode';
import { expectedMemory } from '../../experiment/checks/memory.ts';
import type { Experiment } from '../../experiment/schema/schema.ts';
import { runCount } from '../../experiment/sweep.ts';
import { experimentFields } from '../../experiment/editor/fields.ts';
import type { ExperimentMemoryView, ExperimentView } from '../../protocol/panel.ts';
import { problemViews } from '../../protocol/panel-problems.ts';
import type { PanelParts } from './panel-parts.ts';
import { t } from '../../text/say.ts';

/** An experiment document as the panel's form shows it; null when the file is gone. */
export async function experimentView(
  uri: vscode.Uri,
  { experiments, facts }: Pick<PanelParts, 'experiments' | 'facts'>,
): Promise<ExperimentView | null> {
  let document: vscode.TextDocument;
  try {
    document = await vscode.workspace.openTextDocument(uri);
  } catch {
    return null; // Deleted or not readable: the panel then shows runs only.
  }
  const { parsed, problems } = experiments.check(document);
  const data = facts.summaryOf(uri);
  const folder = dirname(uri.fsPath);
  const file = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  return {
    name: parsed.explicit.has('name') ? parsed.lenient.name : file.replace(/\.tandem\.ya?ml$/, ''),
    uri: uri.toString(),
    fields: experimentFields(parsed),
    problems: problemViews(problems),
    runs: runCount(parsed.lenient),
    data: data && {
      rows: data.rows,
      usable: data.usable,
      pictures: data.pictures,
      captions: data.captions,
      bad: data.rows - data.usable,
      examples: data.bad
        .slice(0, 20)
        .map(({ file, line, reason }) => `${where(folder, file, line)}: ${reason}`),
    },
    memory: memoryView(parsed.lenient),
  };
}

function memoryView(experiment: Experiment): ExperimentMemoryView {
  const { engine, provider } = experiment.train;
  return {
    ...expectedMemory(experiment, totalmem()),
    isOnDevice: provider === 'webgpu' || provider === 'cuda' || engine === 'tensorflow_gpu',
    machine: totalmem(),
    free: freemem(),
  };
}

/** `pairs.csv line 18`: a file of the data by its path from the experiment. */
function where(folder: string, file: string, line: number | null): string {
  const near = relative(folder, file);
  const name = near && !near.startsWith('..') ? near : file;
  return line === null ? name : t('{0} line {1}', name, line);
}
