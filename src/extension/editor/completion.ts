import * as vscode from 'vscode';
import { completionsAt, type Completion } from '../../experiment/complete.ts';
import { toRange } from './experiments.ts';

const kinds: Record<Completion['kind'], vscode.CompletionItemKind> = {
  key: vscode.CompletionItemKind.Property,
  section: vscode.CompletionItemKind.Module,
  value: vscode.CompletionItemKind.Value,
};

/** Keys that are not there yet, and usual values with their source, from the schema. */
export class ExperimentCompletion implements vscode.CompletionItemProvider {
  provideCompletionItems(document: vscode.TextDocument, position: vscode.Position): vscode.CompletionItem[] {
    return completionsAt(document.getText(), document.offsetAt(position)).map((completion) => {
      const item = new vscode.CompletionItem(completion.label, kinds[completion.kind]);
      item.detail = completion.detail;
      item.documentation = new vscode.MarkdownString(completion.documentation);
      item.insertText = completion.insertText;
      item.range = toRange(completion.range);
      item.sortText = completion.sortText;
      if (completion.thenSuggest) item.command = { command: 'editor.action.triggerSuggest', title: '' };
      return item;
    });
  }
}
