import type { LogMessage } from '../../protocol/panel.ts';
import { followLog } from '../../launcher/follow-log.ts';
import { logFile } from '../../store/run-folder.ts';

const everyMs = 500;

/** Hands on what the trainer of one run prints, for as long as a panel shows it. */
export class LogFeed {
  private timer: NodeJS.Timeout | undefined;
  private run: string | null = null;

  constructor(
    private readonly send: (message: LogMessage) => Promise<void>,
    private readonly fail: (error: unknown) => void,
  ) {}

  /** Follows the log of the run in this folder from here on; null: none. */
  follow(run: string | null): void {
    this.stop();
    if (run === null) return;
    this.run = run;
    const next = followLog(logFile(run));
    const turn = async (): Promise<void> => {
      try {
        const news = await next();
        if (this.run !== run) return;
        if (news) await this.send({ kind: 'log', run, ...news });
      } catch (error) {
        this.fail(error);
        return;
      }
      if (this.run === run) this.timer = setTimeout(() => void turn(), everyMs);
    };
    void turn();
  }

  stop(): void {
    this.run = null;
    clearTimeout(this.timer);
  }
}
