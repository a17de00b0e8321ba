import { access } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import type { DataFacts, Facts } from '../../experiment/facts.ts';
import type { Parsed } from '../../experiment/parse.ts';
import { listEngines } from '../../launcher/engines.ts';
import type { Programs } from '../programs.ts';
import { isExperiment } from '../runs/run-folders.ts';
import { dataKey, type Experiments, type Known } from './experiments.ts';

/** Data are looked up when typing has paused this long. */
const debounceMs = 400;
/** A look-up that takes longer is given up; the file is still checked when training starts. */
const limitMs = 120_000;

/** What `tandem validate --json` tells of the data, beside the problems. */
export interface DataSummary {
  rows: number;
  usable: number;
  pictures: number;
  captions: number;
  bad: { file: string; line: number | null; reason: string }[];
}

/**
 * Looks up the data that an experiment names, in a process of its own, so that a table of a million rows never holds up
 * the editor. A look-up that is no longer wanted is ended. In an untrusted or virtual workspace nothing is looked up.
 */
export class DataFactsReader implements vscode.Disposable {
  private readonly pending = new Map<string, { timer: NodeJS.Timeout; controller: AbortController }>();
  private readonly looked = new Map<string, string>();
  private readonly summaries = new Map<string, DataSummary>();
  private asked: Promise<Pick<Facts, 'engines'> | object> | undefined;

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
    const { parsed, problems } = this.experiments.check(document);
    const key = document.uri.toString();
    const about = dataKey(parsed);
    // Without a pairs file there is nothing to look up; a saved file is looked up again, since its data may be others.
    if (parsed.lenient.data.pairs === '' || (document.isDirty && this.looked.get(key) === about)) return;
    const folder = dirname(document.uri.fsPath);
    const timer = setTimeout(() => controller.abort(), limitMs);
    try {
      const answer = (await this.programs.tandem(['validate', document.uri.fsPath, '--stdin'], {
        cwd: folder,
        input: document.getText(),
        signal: controller.signal,
      })) as { problems: Known['faults']; data?: DataSummary & Partial<DataFacts> } | null;
      const exists = await existing(parsed, folder);
      const engines = await this.engines();
      if (!answer?.problems || document.isClosed) return;
      this.looked.set(key, about);
      if (answer.data) this.summaries.set(key, answer.data);
      else this.summaries.delete(key);
      const own = new Set(problems.map(({ code, path }) => `${code} ${path}`));
      const { bad, ...data } = answer.data ?? {};
      this.experiments.setKnown(document, {
        about,
        facts: { ...(answer.data ? { data } : {}), exists, memory_bytes: totalmem(), ...engines },
        // What the check of the text alone does not see: faults of the data.
        faults: answer.data ? [] : answer.problems.filter(({ code, path }) => !own.has(`${code} ${path}`)),
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** What can compute here; asked once, since it does not change while a window is open. */
  private async engines(): Promise<Pick<Facts, 'engines'> | object> {
    this.asked ??= listEngines(this.programs.trainer)
      .then((engines) => ({
        engines: engines.map(({ name, works, reason }) => ({
          name: name as 'cpu',
          works,
          reason: reason ?? '',
        })),
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

/** Which of the paths that an experiment names are there, by dotted key. Hub ids are no paths. */
async function existing({ lenient, explicit }: Parsed, folder: string): Promise<Facts['exists']> {
  const paths: Record<string, string | null> = {
    'data.val': lenient.data.val,
    'data.image_root': explicit.has('data.image_root') ? lenient.data.image_root : null,
    'model.image_encoder.weights': lenient.model.image_encoder.weights,
    'model.text_encoder.weights': lenient.model.text_encoder.weights,
  };
  const exists: Facts['exists'] = {};
  for (const [key, path] of Object.entries(paths)) {
    if (!path || path.startsWith('hf:')) continue;
    exists[key] = await access(isAbsolute(path) ? path : join(folder, path)).then(
      () => true,
      () => false,
    );
  }
  return exists;
}
