import { isDiverging, rateCurve, type RateCurve } from '../../../src/analysis/rate-finder.ts';
import { rampBranches, rampRate, type RampPoint, type RateRamp } from '../../../src/protocol/rate-ramp.ts';
import { applyEdits } from '../../../src/experiment/edit/apply-edits.ts';
import { removeKey, setSweep, setValue } from '../../../src/experiment/edit/edit.ts';
import { yamlText } from '../../../src/experiment/edit/yaml-text.ts';
import { runCount } from '../../../src/experiment/sweep.ts';
import { experimentFields } from '../../../src/experiment/editor/fields.ts';
import type { Problem } from '../../../src/experiment/document/problem.ts';
import { expectedMemory } from '../../../src/experiment/checks/memory.ts';
import { parseExperiment } from '../../../src/experiment/parse/parse.ts';
import { checkExperiment } from '../../../src/experiment/checks/check.ts';
import type {
  ExperimentView,
  FromPanel,
  PanelRequest,
  PanelTab,
  PreviewMessage,
  RunView,
  ToPanel,
} from '../../../src/protocol/panel.ts';
import type { ModelAnswer, ModelCall, ModelQuestion } from '../../../src/protocol/inference.ts';
import { problemViews } from '../../../src/protocol/panel-problems.ts';
import { changesSince, cursorOf } from '../../../src/protocol/panel-delta.ts';
import { toWire } from '../../../src/protocol/panel-wire.ts';
import type { RunEvent } from '../../../src/protocol/events.ts';
import type { Annotation, RunFile } from '../../../src/protocol/run.ts';
import { foldRun } from '../../../src/protocol/state.ts';
import { EditHistory } from '../../../src/extension/panel/edit-history.ts';
import { themes } from './themes.ts';
import type { ThemeName } from './themes.ts';

/** Speaks the panel's protocol as the extension does, beside the panel's frame in the same browser. */
export class FakeHost {
  received: FromPanel[] = [];
  runs: RunView[] = [];
  shown: string[] = [];
  tab: PanelTab = 'experiment';
  /** The experiment file; null: none. */
  text: string | null = null;
  preview: PreviewMessage | null = null;
  /** Requests are answered by the next answer in line; then by success. */
  failures: string[] = [];
  /** What a finished model answers, by call; what a person picks. */
  model: { [Name in ModelCall]?: ModelAnswer<Name> } = {};
  picked: string | null = null;
  /** Asked instead of `model` where it is there. */
  askModel: ((question: ModelQuestion) => Promise<unknown>) | null = null;
  isHidden = false;
  /** What the trainer has printed. */
  log = '';
  saved: { name: string; content: string; base64: boolean }[] = [];

  private readonly history = new EditHistory();
  /** What the panel asked VS Code to keep for it. */
  keptState: unknown = null;
  private frame: HTMLIFrameElement | null = null;

  constructor() {
    window.addEventListener('message', (event: MessageEvent<FromPanel | { fakeState: unknown }>) => {
      if (event.source !== this.frame?.contentWindow) return;
      if ('fakeState' in event.data) this.keptState = event.data.fakeState;
      else {
        this.received.push(event.data);
        this.handle(event.data);
      }
    });
  }

  /** Opens the panel, or opens it anew as a reload of the window does. */
  open(theme: ThemeName): void {
    this.frame = document.createElement('iframe');
    // Another site than this page, so that it has a process of its own, as a webview has.
    this.frame.src = `http://localhost:${location.port}/panel.html?theme=${theme}#${encodeURIComponent(JSON.stringify(this.keptState))}`;
    document.body.replaceChildren(this.frame);
  }

  post(message: ToPanel): void {
    if (this.isHidden) return;
    for (const part of toWire(message) as { data?: Float64Array; packed?: Float64Array }[]) {
      // VS Code copies columns on their way out of the extension's process, and hands the copies over.
      const columns = { data: part.data?.slice(), packed: part.packed?.slice() };
      const sent = throughVsCode({ ...part, ...columns });
      const buffers = Object.values(columns).flatMap((column) => (column ? [column.buffer] : []));
      this.frame!.contentWindow!.postMessage(sent, '*', buffers);
    }
  }

  snapshot(): void {
    const runs = this.runs.map((run) => ({ ...run, state: null }));
    this.post({ kind: 'snapshot', experiment: this.experiment(), runs, shown: this.shown, tab: this.tab });
    this.sendCurves(this.shown);
  }

  sendCurves(ids: string[]): void {
    const wanted = this.runs.filter((run) => ids.includes(run.id) && run.state);
    if (!wanted.length) return;
    this.post({
      kind: 'events',
      runs: wanted.map(({ id, status, file, state }) => ({ id, status, file, state: state! })),
    });
  }

  sendRuns(changed: RunView[]): void {
    const order = this.runs.map(({ id }) => id);
    const runs = changed.map((run) => ({ ...run, state: null }));
    this.post({ kind: 'runs', order, runs, shown: this.shown.filter((id) => order.includes(id)) });
  }

  /** Events of a run that trains: folded here, and what is new is sent. */
  append(id: string, events: RunEvent[]): void {
    const run = this.runs.find((each) => each.id === id)!;
    const cursor = cursorOf(run.state!);
    foldRun(run.state!, events);
    run.status = run.state!.ended?.status ?? run.status;
    const changes = changesSince(run.state!, cursor);
    if (changes)
      this.post({ kind: 'events', runs: [{ id, status: run.status, file: run.file, ...changes }] });
  }

  experiment(): ExperimentView | null {
    if (this.text === null) return null;
    const parsed = parseExperiment(this.text);
    return {
      name: parsed.explicit.has('name') ? parsed.lenient.name : 'emoji',
      uri: 'file:///pictures/emoji.tandem.yaml',
      fields: experimentFields(parsed),
      runs: runCount(parsed.lenient),
      problems: problemViews(this.problems(this.text)),
      data: {
        rows: 1855,
        usable: 1852,
        pictures: 1852,
        captions: 1790,
        bad: 3,
        examples: ['pairs.csv line 18: images/18.png is not there'],
      },
      memory: {
        ...expectedMemory(parsed.lenient),
        isOnDevice: parsed.lenient.train.provider === 'webgpu',
        machine: 16e9,
        free: 9e9,
      },
    };
  }

  private problems(text: string): Problem[] {
    const parsed = parseExperiment(text);
    const all = [...parsed.problems, ...checkExperiment(parsed)];
    return [...new Map(all.map((problem) => [problem.message, problem])).values()];
  }

  /** The document changed, here or in the editor. */
  write(text: string): void {
    this.text = text;
    this.post({ kind: 'experiment', experiment: this.experiment()! });
  }

  setTheme(name: ThemeName): void {
    this.frame!.contentWindow!.postMessage({ fakeTheme: themes[name] }, '*');
  }

  private handle(message: FromPanel): void {
    if (message.kind === 'ready') this.snapshot();
    else if (message.kind === 'tab') this.tab = message.tab;
    else if (message.kind === 'log') {
      if (message.run !== null) this.print(message.run, this.log, true);
    } else if (message.kind === 'show') {
      this.shown = message.runs;
      this.sendCurves(message.runs);
    } else if ('id' in message) {
      const error = this.failures.shift() ?? null;
      if (error === null) this.answer(message);
      void Promise.resolve(this.valueOf(message)).then((value) =>
        this.post({ kind: 'answer', id: message.id, error, value }),
      );
    }
  }

  private valueOf(request: PanelRequest): unknown {
    if (request.kind === 'model')
      return this.askModel ? this.askModel(request.question) : this.model[request.question.call];
    if (request.kind === 'findRate') return fakeCurve(request);
    if (request.kind === 'sizes') return Object.fromEntries(request.runs.map((id) => [id, 1e6 * id.length]));
    return this.picked;
  }

  /** The trainer of a run whose log is in sight prints. */
  print(run: string, text: string, isWhole = false): void {
    this.post({ kind: 'log', run, text, isWhole });
  }

  private answer(request: PanelRequest): void {
    const text = this.text ?? '';
    if (request.kind === 'undo' || request.kind === 'redo') {
      const edits = this.history[request.kind](text);
      if (edits) this.write(applyEdits(text, edits));
      return;
    }
    this.change(request, text);
    this.history.add(text, this.text ?? '');
  }

  private change(request: PanelRequest, text: string): void {
    if (request.kind === 'edit') {
      const edits =
        request.text === null ? removeKey(text, request.path) : setValue(text, request.path, request.text);
      this.write(applyEdits(text, edits));
    } else if (request.kind === 'sweep')
      this.write(applyEdits(text, setSweep(text, request.path, request.values, request.draw)));
    else if (request.kind === 'fix') {
      this.write(applyEdits(text, this.problems(text)[request.problem]!.fixes[request.fix]!.edits));
    } else if (request.kind === 'useSetting') {
      let next = text;
      for (const [path, value] of Object.entries(request.settings)) {
        next = applyEdits(next, setValue(next, path, yamlText(value)));
        next = applyEdits(next, setSweep(next, path, null));
      }
      this.write(next);
    } else if (request.kind === 'preview' && this.preview)
      this.post({
        ...this.preview,
        epoch: request.epoch,
        items: this.preview.items.map((item, i) => ({ ...item, index: request.index + i })),
      });
    else if (request.kind === 'save') this.saved.push(request);
    else if (request.kind === 'delete') {
      this.runs = this.runs.filter(({ id }) => !request.runs.includes(id));
      this.sendRuns([]);
    } else if (request.kind === 'annotate') {
      const changed = this.runs.filter(({ id }) => request.runs.includes(id));
      for (const run of changed) run.file = annotated(run.file!, request.change);
      this.sendRuns(changed);
    }
  }
}

/** As the run folder merges what was said of a run. */
function annotated(file: RunFile, { tag = [], untag = [], ...change }: Annotation): RunFile {
  const tags = [...new Set([...file.tags, ...tag])].filter((each) => !untag.includes(each));
  return { ...file, ...change, tags };
}

/** What VS Code's channel does to a message: JSON, with typed arrays carried beside it. */
function throughVsCode(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map((item) => throughVsCode(item));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, throughVsCode(item)]),
  );
}

/** A ramp whose loss falls around 1e-3 and runs away above 1e-1. */
function fakeCurve({ branch, others }: Extract<PanelRequest, { kind: 'findRate' }>): RateCurve {
  const ramp: RateRamp = {
    branches: branch === 'all' ? [...rampBranches] : [branch],
    others,
    steps: 120,
    low: 1e-7,
    high: 10,
  };
  const points: RampPoint[] = [];
  for (let step = 0; step < ramp.steps && !isDiverging(points); step++) {
    const rate = rampRate(ramp, step);
    const power = Math.log10(rate);
    const away = power > -1 ? 20 * (power + 1) ** 2 : 0;
    points.push({
      rate,
      loss: 1.4 + 2.6 / (1 + Math.exp(3 * (power + 3))) + away + 0.08 * Math.sin(step * step),
    });
  }
  return rateCurve(ramp, points);
}
