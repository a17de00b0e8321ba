import * as vscode from 'vscode';
import { completionsAt, pathAt } from '../../experiment/editor/complete.ts';
import type { Completion } from '../../experiment/editor/completion.ts';
import { toRange, type Experiments } from './experiments.ts';

const kinds: Record<Completion['kind'], vscode.CompletionItemKind> = {
  key: vscode.CompletionItemKind.Property,
  section: vscode.CompletionItemKind.Module,
  value: vscode.CompletionItemKind.Value,
};

/** Files that can be a setting's value; of others all are offered. */
const fitting: Record<string, RegExp> = {
  'data.pairs': /\.(csv|tsv|txt|jsonl|json|parquet|tar|token)$/i,
  'data.val': /\.(csv|tsv|txt|jsonl|json|parquet|tar|token)$/i,
  'data.image_root': /^$/,
  'data.cache_dir': /^$/,
  'model.weights': /^$/,
  'model.image_encoder.weights': /\.safetensors$/i,
  'model.text_encoder.weights': /\.safetensors$/i,
};

/** Most files of a folder that are offered. */
const mostFiles = 500;

/** Keys that are not there yet, usual values with their source, columns and files. */
export class ExperimentCompletion implements vscode.CompletionItemProvider {
  constructor(private readonly experiments: Experiments) {}

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.CompletionItem[]> {
    const text = document.getText();
    const offset = document.offsetAt(position);
    const files = await filesFor(document, text, offset);
    const columns = this.experiments.columnsOf(document);
    return completionsAt(text, offset, { ...(files && { files }), ...(columns && { columns }) }).map(
      (completion) => itemOf(completion, text),
    );
  }
}

function itemOf(completion: Completion, text: string): vscode.CompletionItem {
  const item = new vscode.CompletionItem(completion.label, kinds[completion.kind]);
  item.detail = completion.detail;
  item.documentation = new vscode.MarkdownString(completion.documentation);
  item.insertText = completion.insertText;
  // Lines below a key bring their own indentation.
  item.keepWhitespace = true;
  item.range = toRange(completion.range);
  item.sortText = completion.sortText;
  // What is written is matched with its quote.
  const quote = /^["']/.exec(text.slice(completion.range.start, completion.range.end))?.[0];
  if (quote) item.filterText = `${quote}${completion.label}`;
  if (completion.thenSuggest) item.command = { command: 'editor.action.triggerSuggest', title: '' };
  return item;
}

/** What stands in the folder of the path at the cursor, as it would be written; in a workspace that is not trusted nothing is looked up. */
async function filesFor(
  document: vscode.TextDocument,
  text: string,
  offset: number,
): Promise<string[] | null> {
  const at = pathAt(text, offset);
  if (!at || !vscode.workspace.isTrusted || document.isUntitled || /^([a-z]+:|[\\/~])/i.test(at.written))
    return null;
  const folder = at.written.slice(0, at.written.lastIndexOf('/') + 1);
  const uri = vscode.Uri.joinPath(document.uri, '..', folder);
  const entries = await vscode.workspace.fs.readDirectory(uri).then(
    (found) => found,
    // No such folder: nothing to offer.
    () => [],
  );
  return entries
    .filter(([name]) => !name.startsWith('.'))
    .map(([name, type]): [string, boolean] => [folder + name, (type & vscode.FileType.Directory) !== 0])
    .filter(([name, isFolder]) => isFolder || (fitting[at.setting]?.test(name) ?? true))
    .sort(([a, isFolder], [b, isOther]) => Number(isFolder) - Number(isOther) || a.localeCompare(b))
    .slice(0, mostFiles)
    .map(([name, isFolder]) => (isFolder ? `${name}/` : name));
}
