import * as vscode from 'vscode';
import { completionsAt } from '../../experiment/complete.ts';

/** Keys and usual values from the schema. */
export class ExperimentCompletion implements vscode.CompletionItemProvider {
  provideCompletionItems(document: vscode.TextDocument, position: vscode.Position): vscode.CompletionItem[] {
    const text = document.getText();
    return completionsAt(text, document.offsetAt(position)).map((completion, index) => {
      const item = new vscode.CompletionItem(completion.label);
      item.sortText = String(index).padStart(4, '0');
      return item;
    });
  }
}
