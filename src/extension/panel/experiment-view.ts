import * as vscode from 'vscode';
import { experimentFields } from '../../experiment/fields.ts';
import type { ExperimentView } from '../../protocol/panel.ts';
import type { PanelParts } from './parts.ts';

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
  return {
    name: uri.path.slice(uri.path.lastIndexOf('/') + 1),
    uri: uri.toString(),
    fields: experimentFields(parsed),
    problems: problems.map(({ severity, path, message, code, range, fixes }) => ({
      severity,
      path,
      message,
      code,
      line: range.line,
      fixes: fixes.map(({ title }) => title),
    })),
    data: data && {
      rows: data.rows,
      usable: data.usable,
      pictures: data.pictures,
      captions: data.captions,
      bad: data.bad.length,
    },
  };
}
