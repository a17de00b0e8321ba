import * as vscode from 'vscode';
import type { Facts } from '../../experiment/checks/facts.ts';
import type { Answer } from '../../launcher/calls.ts';
import type { Programs } from '../programs.ts';
import { answerOf } from '../reply.ts';
import { isExperiment } from '../runs/run-folders.ts';
import { dataKey, type Experiments } from './experiments.ts';

/** Data are looked up when typing has paused this long. */
const debounceMs = 400;
/** A look-up that takes longer is given up; the file is still checked when training starts. */
const limitMs = 120_000;

/** What `tandem validate` tells of the data. */
export type DataSummary = NonNullable<Answer<'validate'>['data']>;

/**
 * Looks up the data that an experiment names, in a process of its own, so that a table of a million rows never holds up
 * the editor. A look-up that is no longer wanted is ended. In an untrusted or virtual workspace nothing is looked up.
 */
export class DataFactsReader implements vscode.Disposable {
  private readonly pending = new Map<string, { timer: NodeJS.Timeout; controller: AbortController }>();
  private readonly looked = new Map<string, string>();
  private readonly summaries = new Map<string, DataSummary>();
  private asked: Promise<Partial<Facts>> | undefined;

  constructor(
    private readonly programs: Programs,
    private readonly experiments: Experiments,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** What is known of a document's data; null before the first answer. */
  summaryOf(uri: vscode.Uri): DataSummary | null {
    return this.summaries.get(uri.toString()) ?? null;
  }

  later(document: vscode.TextDocument, afterMs = debounceMs): void {
    if (!isExperiment(document.uri) || document.uri.scheme !== 'file' || !vscode.workspace.isTrusted) return;
    if (!vscode.workspace.getConfiguration('tandem', document.uri).get<boolean>('validateData', true)) return;
    const key = document.uri.toString();
    this.cancel(key);
    const controller = new AbortController();
    const timer = setTimeout(() => {
      this.look(document, controller)
        .catch((error: unknown) => this.log.warn(`${document.uri.fsPath}: ${String(error)}`))
        .finally(() => {
          if (this.pending.get(key)?.controller === controller) this.pending.delete(key);
        });
    }, afterMs);
    this.pending.set(key, { timer, controller });
  }

  private async look(document: vscode.TextDocument, controller: AbortController): Promise<void> {
    const { parsed } = this.experiments.check(document);
    const key = document.uri.toString();
    const about = dataKey(parsed);
    // Without a pairs file there is nothing to look up; a saved file is looked up again, since its data may be others.
    if (parsed.lenient.data.pairs === '' || (document.isDirty && this.looked.get(key) === about)) return;
    const timer = setTimeout(() => controller.abort(), limitMs);
    try {
      const ask = { file: document.uri.fsPath, text: document.getText() };
      const reply = await this.programs.ask('validate', ask, controller.signal);
      if (reply.kind === 'cancelled') return;
      const { data, facts, faults } = answerOf(reply);
      const engines = await this.engines();
      if (document.isClosed || controller.signal.aborted) return;
      this.looked.set(key, about);
      if (data) this.summaries.set(key, data);
      else this.summaries.delete(key);
      this.experiments.setKnown(document, { about, facts: { ...facts, ...engines }, faults });
    } finally {
      clearTimeout(timer);
    }
  }

  /** What can compute here; asked once, since it does not change while a window is open. */
  private async engines(): Promise<Partial<Facts>> {
    this.asked ??= this.programs
      .ask('engines', {})
      .then(answerOf)
      .then((engines) => ({
        engines: engines.map(({ name, works, reason }) => ({ name, works, reason: reason ?? '' })),
        gpu: engines.some(
          ({ name, works, providers }) =>
            works && (name === 'tensorflow_gpu' || providers?.some((one) => one.works)),
        ),
      }))
      .catch((error: unknown) => {
        this.log.warn(`engines: ${String(error)}`);
        return {};
      });
    return this.asked;
  }

  forget(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    this.cancel(key);
    this.looked.delete(key);
    this.summaries.delete(key);
  }

  private cancel(key: string): void {
    const pending = this.pending.get(key);
    if (!pending) return;
    clearTimeout(pending.timer);
    pending.controller.abort();
    this.pending.delete(key);
  }

  dispose(): void {
    for (const key of [...this.pending.keys()]) this.cancel(key);
  }
}
