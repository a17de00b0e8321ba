import * as vscode from 'vscode';
import { isExperiment } from '../runs/run-folders.ts';

/** The language that package.json gives to experiment files: VS Code starts the extension when one of them is opened. */
const opening = 'tandem-experiment';

/** Makes experiment documents YAML again, as they are for every other extension and setting, once they have been noticed. */
export function keepYaml(): vscode.Disposable {
  const keep = (document: vscode.TextDocument): void => {
    if (document.languageId === opening && isExperiment(document.uri))
      void vscode.languages.setTextDocumentLanguage(document, 'yaml');
  };
  vscode.workspace.textDocuments.forEach(keep);
  return vscode.workspace.onDidOpenTextDocument(keep);
}
