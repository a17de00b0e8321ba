import type * as vscode from 'vscode';
import type { Panels } from '../panel/panels.ts';
import type { Programs } from '../programs.ts';
import type { Report } from '../report.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import type { RunFolders } from '../runs/run-folders.ts';
import type { RunList } from '../runs/run-list.ts';
import type { TrainingQueue } from '../training/queue-watch.ts';
import type { TrainingStarter } from '../training/start.ts';
import type { WebhookAddress } from '../webhook-address.ts';
import type { RunExplorer } from '../tree/explorer.ts';

/** What commands work with. */
export interface Parts {
  context: vscode.ExtensionContext;
  programs: Programs;
  report: Report;
  webhook: WebhookAddress;
  folders: RunFolders;
  runs: RunList;
  /** Ours and foreign ones. */
  allRuns: () => RunEntry[];
  explorer: RunExplorer;
  starter: TrainingStarter;
  queue: TrainingQueue;
  panels: Panels;
}
