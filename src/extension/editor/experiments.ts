import * as vscode from 'vscode';
import { checkExperiment } from '../../experiment/checks/check.ts';
import type { Finding } from '../../experiment/checks/finding.ts';
import type { Facts } from '../../experiment/checks/facts.ts';
import { placeFinding } from '../../experiment/checks/place-finding.ts';
import { parseExperiment } from '../../experiment/parse/parse.ts';
import type { Parsed } from '../../experiment/parse/parsed.ts';
import type { Problem, SourceRange, TextEdit } from '../../experiment/document/problem.ts';
import { rangeOf } from '../../experiment/document/source.ts';

/** Documents that the editor features are about, in any scheme and language. */
export const experimentSelector: vscode.DocumentSelector = [{ pattern: '**/*.tandem.{yaml,yml}' }];

/** An experiment document as it stands: parsed once per version, checked with what is known of its data. */
export interface Checked {
  version: number;
  parsed: Parsed;
  problems: Problem[];
}

/** What was found outside the editor for an experiment. */
export interface Known {
  facts: Partial<Facts>;
  /** Problems that only reading the data shows, by the key to blame. */
  faults: Pick<Problem, 'severity' | 'code' | 'message' | 'path'>[];
  /** The data section that facts and faults are about (`dataKey`): for another one they mean nothing. */
  about: string;
}

/** What runs of an experiment found. */
export interface Found {
  findings: Finding[];
  /** The text that they were started with: of another text they say nothing. */
  source: string;
}

/** Parses and checks open experiment documents; the one place that holds their problems. */
export class Experiments implements vscode.Disposable {
  private readonly checked = new WeakMap<vscode.TextDocument, Checked>();
  private readonly known = new Map<string, Known>();
  private readonly found = new Map<string, Found>();
  private readonly changes = new vscode.EventEmitter<vscode.TextDocument>();

  /** New facts arrived for a document: its problems are others now. */
  readonly onDidChangeFacts = this.changes.event;

  check(document: vscode.TextDocument): Checked {
    const before = this.checked.get(document);
    if (before?.version === document.version) return before;
    const parsed = parseExperiment(document.getText());
    const key = document.uri.toString();
    const problems = allProblems(parsed, this.known.get(key), this.found.get(key));
    const checked = { version: document.version, parsed, problems };
    this.checked.set(document, checked);
    return checked;
  }

  setKnown(document: vscode.TextDocument, known: Known): void {
    this.known.set(document.uri.toString(), known);
    this.checked.delete(document);
    this.changes.fire(document);
  }

  setFindings(document: vscode.TextDocument, found: Found): void {
    this.found.set(document.uri.toString(), found);
    this.checked.delete(document);
    this.changes.fire(document);
  }

  /** The names in the header of a document's pairs, where they are known. */
  columnsOf(document: vscode.TextDocument): readonly string[] | undefined {
    return this.known.get(document.uri.toString())?.facts.data?.columns;
  }

  forget(document: vscode.TextDocument): void {
    this.known.delete(document.uri.toString());
    this.found.delete(document.uri.toString());
  }

  dispose(): void {
    this.changes.dispose();
  }
}

/** Tells whether two readings of an experiment ask for the same data and weights. */
export function dataKey({ lenient }: Parsed): string {
  const { data, model, seed } = lenient;
  return JSON.stringify([data, model.weights, model.image_encoder.weights, model.text_encoder.weights, seed]);
}

function allProblems(parsed: Parsed, known: Known | undefined, found: Found | undefined): Problem[] {
  const isCurrent = known?.about === dataKey(parsed);
  const facts = isCurrent ? known.facts : { ...known?.facts, data: undefined, exists: undefined };
  const own = [...parsed.problems, ...checkExperiment(parsed, withoutUndefined(facts))];
  const faults = isCurrent ? known.faults.map((fault) => placed(parsed, fault)) : [];
  const ofRuns =
    found?.source === parsed.document.source.text
      ? found.findings.map((finding) => placeFinding(parsed, finding, parsed.lenient))
      : [];
  return [...own, ...faults, ...ofRuns].sort((a, b) => a.range.start - b.range.start);
}

function placed(parsed: Parsed, fault: Known['faults'][number]): Problem {
  const place = parsed.places.get(fault.path) ?? parsed.places.get('data.pairs') ?? parsed.places.get('data');
  const { source } = parsed.document;
  return { ...fault, range: rangeOf(source, place?.value.start ?? 0, place?.value.end ?? 0), fixes: [] };
}

function withoutUndefined(facts: Record<string, unknown>): Partial<Facts> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

export function toRange(range: SourceRange): vscode.Range {
  return new vscode.Range(range.line - 1, range.column - 1, range.endLine - 1, range.endColumn - 1);
}

/** The same edits as VS Code's, for the text that the document has now. */
export function toEdits(document: vscode.TextDocument, edits: TextEdit[]): vscode.TextEdit[] {
  return edits.map(({ start, end, text }) =>
    vscode.TextEdit.replace(new vscode.Range(document.positionAt(start), document.positionAt(end)), text),
  );
}
