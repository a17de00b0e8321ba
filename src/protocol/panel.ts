import type { TrainingMemory } from '../experiment/checks/memory.ts';
import type { DrawKind, FieldView } from '../experiment/schema/field-view.ts';
import type { ModelCall, ModelProgress, ModelQuestion } from './inference.ts';
import type { RateBranch, RateRamp } from './rate-ramp.ts';
import type { EndedEvent, RunFinding, RunStatus } from './events.ts';
import type { Annotation, RunFile } from './run.ts';
import type { Mark, Note, RunState } from './state.ts';

/**
 * What the extension host and the panel say to each other. A view opens in one way: it says `ready`, gets a `snapshot`,
 * then `events` (at most about ten messages a second). A hidden view gets nothing and says `ready` again when shown.
 *
 * The host posts every message of `toWire(message)` in order (`panel-wire.ts`), makes the deltas with `changesSince` (`panel-delta.ts`),
 * and its document with `panelHtml` (`panel-html.ts`). What the panel says is plain JSON.
 */
export type ToPanel =
  | SnapshotMessage
  | RunsMessage
  | EventsMessage
  | ExperimentMessage
  | PreviewMessage
  | ProgressMessage
  | ModelProgressMessage
  | LogMessage
  | AnswerMessage;

/** Everything the panel shows, whole. */
export interface SnapshotMessage {
  kind: 'snapshot';
  experiment: ExperimentView | null;
  runs: RunView[];
  /** Ids of the runs that are drawn. */
  shown: string[];
  tab: PanelTab;
}

export type PanelTab = 'experiment' | 'runs' | 'plots' | 'compare' | 'explore';

/** A run as the panel holds it. */
export interface RunView {
  id: string;
  label: string;
  status: RunStatus;
  /** Foreign logs are read-only: no settings, no stop or resume. */
  foreign: boolean;
  file: RunFile | null;
  /** Resolved config as flat dotted keys, for comparison tables; empty for foreign logs. */
  settings: Record<string, unknown>;
  /** Curves so far; null while not shown (then the panel asks with `show`). Typed arrays survive postMessage as they are. */
  state: RunState | null;
  /** A run that cannot be read: file, what is wrong, what still could be read. */
  problem: string | null;
}

/** Runs came, went or were renamed. Those that are new or have changed come whole; one whose `state` is null keeps its curves. */
export interface RunsMessage {
  kind: 'runs';
  /** Ids of all runs, in their order. */
  order: string[];
  runs: RunView[];
  shown: string[];
}

/** What became of runs since the last message: whole columns are never sent again, only what was appended. */
export interface EventsMessage {
  kind: 'events';
  runs: RunDelta[];
}

export interface RunDelta {
  id: string;
  status: RunStatus;
  file: RunFile | null;
  /** Replaces the state when set (a run newly shown, started or resumed). */
  state?: RunState;
  /** New points, by metric. */
  appended?: Record<string, { steps: Float64Array; times: Float64Array; values: Float64Array }>;
  marks?: Mark[];
  notes?: Note[];
  findings?: RunFinding[];
  ended?: EndedEvent;
  preparing?: RunState['preparing'];
  chance?: RunState['chance'];
}

/** The experiment document changed (in the editor or through the form). */
export interface ExperimentMessage {
  kind: 'experiment';
  experiment: ExperimentView;
}

export interface ExperimentView {
  /** The name that the file gives it, else the file's own: shown in the header. */
  name: string;
  uri: string;
  /** Fields in the file's order of sections, from the schema; see `src/experiment/fields.ts`. */
  fields: FieldView[];
  problems: ProblemView[];
  /** How many runs it asks for. */
  runs: number;
  /** Data facts when they could be read. */
  data: ExperimentDataView | null;
  memory: ExperimentMemoryView;
}

/** What the training is expected to take, by the file's own values. */
export interface ExperimentMemoryView extends TrainingMemory {
  /** It lies in a graphics device's memory, of which nothing is known here. */
  isOnDevice: boolean;
  /** Bytes of this machine, and those that are free. */
  machine: number;
  free: number;
}

export interface ExperimentDataView {
  rows: number;
  usable: number;
  pictures: number;
  captions: number;
  /** Rows that cannot be used. */
  bad: number;
  /** The first of them, with why. */
  examples: string[];
}

export interface ProblemView {
  severity: 'error' | 'warning' | 'info';
  path: string;
  message: string;
  code: string;
  line: number;
  /** Titles of the quick fixes; the panel asks for one by its index. */
  fixes: string[];
}

export interface PreviewMessage {
  kind: 'preview';
  total: number;
  items: PreviewItem[];
  epoch: number;
  seed: number;
  problem: string | null;
}

export interface PreviewItem {
  index: number;
  /** data: URL of the picture after preprocessing and augmentation. */
  picture: string;
  caption: string;
  tokens: { text: string; unknown: boolean; cut: boolean }[];
  tokenCount: number;
  maxLength: number;
  /** In words: "flip, crop 0.87". */
  augmentation: string;
}

/** Shown for anything over 300 ms. */
export interface ProgressMessage {
  kind: 'progress';
  /** null: done. */
  text: string | null;
  fraction: number | null;
}

/** How far a question to a finished model is. */
export interface ModelProgressMessage {
  kind: 'modelProgress';
  call: ModelCall;
  /** null: done, or given up. */
  progress: ModelProgress | null;
}

/** More of the log that the panel asked for with `log`. */
export interface LogMessage {
  kind: 'log';
  run: string;
  text: string;
  /** Replaces what came before. */
  isWhole: boolean;
}

/** Answer to a request with an id: its failure is a value. */
export interface AnswerMessage {
  kind: 'answer';
  id: number;
  error: string | null;
  /** What was asked for, where that is something to have; null for what nobody wanted any more. */
  value?: unknown;
}

export type FromPanel =
  | { kind: 'ready'; shown: string[] | null }
  | { kind: 'show'; runs: string[] }
  | { kind: 'tab'; tab: PanelTab }
  /** The run whose log is in sight; null: none. */
  | { kind: 'log'; run: string | null }
  | ({ id: number } & PanelRequest);

/** What the panel asks for; each is answered by an `answer` with the same id. */
export type PanelRequest =
  | { kind: 'edit'; path: string; /** YAML text of the value; null removes the key. */ text: string | null }
  | { kind: 'sweep'; path: string; values: string[] | null; draw?: DrawKind }
  | { kind: 'fix'; problem: number; fix: number }
  /** Takes back the panel's last change of the file, or makes it again. */
  | { kind: 'undo' | 'redo' }
  | { kind: 'command'; command: PanelCommand; run: string | null }
  | { kind: 'findRate'; branch: RateBranch; others: RateRamp['others'] }
  | { kind: 'useSetting'; settings: Record<string, unknown> }
  | { kind: 'browse'; path: string }
  | { kind: 'preview'; index: number; epoch: number; count: number }
  | { kind: 'save'; name: string; /** File content; base64 for pictures. */ content: string; base64: boolean }
  | { kind: 'report'; runs: string[] }
  /** A question to the finished model of a run. A later question of the same call takes its place. */
  | { kind: 'model'; run: string; question: ModelQuestion }
  | { kind: 'stopModel'; call: ModelCall }
  /** A path that a person picks. */
  | { kind: 'pick'; what: 'image' | 'folder'; from: string | null }
  | { kind: 'annotate'; runs: string[]; change: Annotation }
  /** Asks before anything is gone. */
  | { kind: 'delete'; runs: string[] }
  /** Bytes that runs take on the disk, by id. */
  | { kind: 'sizes'; runs: string[] };

export type PanelCommand =
  | 'start'
  | 'stop'
  | 'resume'
  | 'compare'
  | 'newExperiment'
  | 'openExample'
  | 'openLog'
  | 'openFile'
  | 'revealRun'
  | 'addNote'
  | 'rename'
  | 'evaluate'
  | 'exportModel';
