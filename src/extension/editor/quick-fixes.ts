import * as vscode from 'vscode';
import { diagnosticOf } from './diagnostics.ts';
import { toEdits, toRange, type Experiments } from './experiments.ts';

/** Quick fixes of the problems under the caret; each changes only the bytes concerned. */
export class QuickFixes implements vscode.CodeActionProvider {
  constructor(private readonly experiments: Experiments) {}

  provideCodeActions(document: vscode.TextDocument, range: vscode.Range): vscode.CodeAction[] {
    const { problems } = this.experiments.check(document);
    return problems
      .filter((problem) => toRange(problem.range).intersection(range) !== undefined)
      .flatMap((problem) =>
        problem.fixes.map((fix, index) => {
          const action = new vscode.CodeAction(fix.title, vscode.CodeActionKind.QuickFix);
          action.edit = new vscode.WorkspaceEdit();
          action.edit.set(document.uri, toEdits(document, fix.edits));
          action.diagnostics = [diagnosticOf(document, problem)];
          action.isPreferred = index === 0;
          return action;
        }),
      );
  }
}
