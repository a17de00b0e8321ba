import * as vscode from 'vscode';
import type { Problem } from '../../experiment/document/problem.ts';
import { experimentGlob, isExperiment } from '../runs/run-folders.ts';
import type { DataFactsReader } from './data-facts.ts';
import { toRange, type Experiments } from './experiments.ts';

/** From a key stroke to the squiggle: checking itself takes a few milliseconds. */
const debounceMs = 40;

/** Problems of open experiment documents, as you type. */
export class ExperimentDiagnostics implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection('tandem');
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly watcher = vscode.workspace.createFileSystemWatcher(experimentGlob, false, true, false);
  private readonly disposables: vscode.Disposable[] = [this.collection];

  constructor(
    private readonly experiments: Experiments,
    private readonly facts: DataFactsReader,
  ) {
    this.disposables.push(
      vscode.workspace.onDidOpenTextDocument((document) => this.begin(document)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.later(document)),
      vscode.workspace.onDidSaveTextDocument(
        (document) => isExperiment(document.uri) && facts.later(document, 0),
      ),
      vscode.workspace.onDidCloseTextDocument((document) => this.end(document)),
      // An editor may go on showing a file that is deleted; what is written over it comes back as another.
      this.watcher,
      this.watcher.onDidDelete((uri) => this.eachOf(uri, (document) => this.end(document))),
      this.watcher.onDidCreate((uri) => this.eachOf(uri, (document) => this.begin(document))),
      experiments.onDidChangeFacts((document) => this.update(document)),
      // What was not looked up before.
      vscode.workspace.onDidGrantWorkspaceTrust(() =>
        vscode.workspace.textDocuments.forEach((document) => facts.later(document)),
      ),
    );
    for (const document of vscode.workspace.textDocuments) this.begin(document);
  }

  /** Checks a document now and answers its problems. */
  update(document: vscode.TextDocument): Problem[] {
    const { problems } = this.experiments.check(document);
    this.collection.set(
      document.uri,
      problems.map((problem) => diagnosticOf(document, problem)),
    );
    return problems;
  }

  private begin(document: vscode.TextDocument): void {
    if (!isExperiment(document.uri)) return;
    this.update(document);
    this.facts.later(document, 0);
  }

  private later(document: vscode.TextDocument): void {
    if (!isExperiment(document.uri)) return;
    const key = document.uri.toString();
    clearTimeout(this.timers.get(key));
    const check = () => {
      this.timers.delete(key);
      if (!document.isClosed) this.update(document);
    };
    this.timers.set(key, setTimeout(check, debounceMs));
    this.facts.later(document);
  }

  private eachOf(uri: vscode.Uri, then: (document: vscode.TextDocument) => void): void {
    vscode.workspace.textDocuments.filter((one) => one.uri.toString() === uri.toString()).forEach(then);
  }

  private end(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    this.collection.delete(document.uri);
    this.facts.forget(document);
    this.experiments.forget(document);
  }

  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    vscode.Disposable.from(...this.disposables).dispose();
  }
}

const severities = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
};

export function diagnosticOf(document: vscode.TextDocument, problem: Problem): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(
    toRange(problem.range),
    problem.message,
    severities[problem.severity],
  );
  diagnostic.source = 'tandem';
  diagnostic.code = problem.code;
  if (problem.related)
    diagnostic.relatedInformation = problem.related.map(
      ({ message, range }) =>
        new vscode.DiagnosticRelatedInformation(new vscode.Location(document.uri, toRange(range)), message),
    );
  return diagnostic;
}
