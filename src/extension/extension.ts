import * as vscode from 'vscode';
import { registerCommands } from './commands/commands.ts';
import { ExperimentCompletion } from './editor/completion.ts';
import { DataFactsReader } from './editor/data-facts.ts';
import { ExperimentDiagnostics } from './editor/diagnostics.ts';
import { experimentSelector, Experiments } from './editor/experiments.ts';
import { ExperimentHover } from './editor/hover.ts';
import { ExperimentLenses } from './editor/lenses.ts';
import { keepYaml } from './editor/language.ts';
import { RunFindings } from './editor/run-findings.ts';
import { QuickFixes } from './editor/quick-fixes.ts';
import { FindingNotifications } from './finding-notifications.ts';
import { RunNotifications } from './notifications.ts';
import { Panels } from './panel/panels.ts';
import { Programs } from './programs.ts';
import { Report } from './report.ts';
import { ForeignRuns } from './runs/foreign-runs.ts';
import { Jobs } from './runs/jobs.ts';
import { LiveRuns } from './runs/live-runs.ts';
import { RunFolders } from './runs/run-folders.ts';
import type { RunEntry } from './runs/run-entry.ts';
import { RunList } from './runs/run-list.ts';
import { useTexts } from '../text/say.ts';
import { RunStatusBar } from './status-bar.ts';
import { TrainingQueue } from './training/queue-watch.ts';
import { WebhookAddress } from './webhook-address.ts';
import { TrainingStarter } from './training/start.ts';
import { RunExplorer } from './tree/explorer.ts';

/** What the tests inside the extension host look at. */
export interface Inside {
  allRuns: () => RunEntry[];
  explorer: RunExplorer;
  panels: Panels;
  refresh: () => Promise<void>;
}

/** Builds the parts, hands each what it needs, and registers them; they do the rest. */
export function activate(context: vscode.ExtensionContext): Inside {
  if (vscode.l10n.bundle) useTexts(vscode.l10n.bundle, vscode.env.language);
  const own = <T extends vscode.Disposable>(part: T): T => {
    context.subscriptions.push(part);
    return part;
  };
  const memory = context.workspaceState;
  const report = own(new Report());
  const webhook = own(new WebhookAddress(context.secrets));
  const programs = new Programs(context.extensionUri, webhook);

  const experiments = own(new Experiments());
  const facts = own(new DataFactsReader(programs, experiments, report.log));
  const diagnostics = own(new ExperimentDiagnostics(experiments, facts));

  const live = own(new LiveRuns(report.log));
  const runs = own(new RunList(live, report.log));
  const foreign = own(new ForeignRuns(report.log));
  const folders = own(new RunFolders());
  const allRuns = () => [...runs.all(), ...foreign.all()];

  const explorer = own(new RunExplorer([runs, foreign], folders, memory));
  own(live.onDidChange((run) => explorer.updateLive(run)));
  own(own(new Jobs(runs, report.log)).onDidChange((run) => explorer.updateLive(run)));
  own(new RunStatusBar(runs, live));
  own(new RunNotifications(runs, memory));
  own(new FindingNotifications(runs));
  own(new RunFindings(runs, experiments, report.log));
  const queue = own(new TrainingQueue(runs, programs, report));
  const starter = new TrainingStarter(programs, diagnostics, runs, queue);

  const extension = context.extensionUri;
  const panels = own(new Panels({ extension, experiments, facts, programs, report, memory, allRuns, runs }));

  const { languages } = vscode;
  own(languages.registerCodeActionsProvider(experimentSelector, new QuickFixes(experiments)));
  own(
    languages.registerCompletionItemProvider(
      experimentSelector,
      new ExperimentCompletion(experiments),
      ':',
      ' ',
      '.',
      '/',
    ),
  );
  own(languages.registerHoverProvider(experimentSelector, new ExperimentHover(runs)));
  own(languages.registerCodeLensProvider(experimentSelector, new ExperimentLenses()));
  own(
    registerCommands(
      { context, programs, report, webhook, folders, runs, allRuns, explorer, starter, queue, panels },
      report,
    ),
  );

  own(keepYaml());
  own(folders.onDidChange(() => void runs.setFolders(folders.runsDirs).then(() => explorer.sayLoaded())));
  own(vscode.workspace.onDidGrantWorkspaceTrust(() => void folders.refresh()));
  void folders.refresh();
  return { allRuns, explorer, panels, refresh: () => runs.refresh() };
}
