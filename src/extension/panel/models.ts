import { CancellationError, type Disposable } from 'vscode';
import type { ModelCall, ModelProgress, ModelQuestion } from '../../protocol/inference.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { openModelService, type ModelService } from '../../launcher/model/model-service.ts';
import type { Programs } from '../programs.ts';

/** A model that nobody asks gives its memory back after this time. */
const idleMs = 10 * 60_000;

/** The finished model that a panel asks: one at a time, since each takes as much memory as its training. */
export class PanelModels implements Disposable {
  private open: { run: string; service: ModelService } | null = null;
  private readonly asking = new Map<ModelCall, AbortController>();
  private idle: NodeJS.Timeout | undefined;

  constructor(
    private readonly programs: Programs,
    private readonly onProgress: (call: ModelCall, progress: ModelProgress | null) => void,
  ) {}

  /** Rejects with a HumanError, or a CancellationError when a later question of the same call took its place. */
  async ask(run: string, { call, ask }: ModelQuestion): Promise<unknown> {
    this.stop(call);
    const controller = new AbortController();
    this.asking.set(call, controller);
    clearTimeout(this.idle);
    try {
      await this.programs.checkNode();
      const onProgress = (progress: ModelProgress): void => this.onProgress(call, progress);
      return await this.serviceOf(run).ask(call, ask, { signal: controller.signal, onProgress });
    } catch (error) {
      const isCancelled = error instanceof HumanError && error.code === 'cancelled';
      throw isCancelled ? new CancellationError() : error;
    } finally {
      if (this.asking.get(call) === controller) {
        this.asking.delete(call);
        this.onProgress(call, null);
      }
      if (this.asking.size === 0) this.idle = setTimeout(() => this.close(), idleMs);
    }
  }

  /** Cancels a question; what was computed for it is kept. */
  stop(call: ModelCall): void {
    this.asking.get(call)?.abort();
  }

  dispose(): void {
    clearTimeout(this.idle);
    this.close();
  }

  private serviceOf(run: string): ModelService {
    if (this.open?.run === run && !this.open.service.isClosed) return this.open.service;
    this.close();
    this.open = { run, service: openModelService(this.programs.trainer, run) };
    return this.open.service;
  }

  private close(): void {
    this.open?.service.close();
    this.open = null;
  }
}
