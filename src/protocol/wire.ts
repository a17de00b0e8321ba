import type { ToPanel } from './panel.ts';
import type { RunState, Series } from './state.ts';

/**
 * Messages to the panel as VS Code can carry them: its channel is JSON beside raw buffers of typed arrays, so a Map
 * would arrive empty. `toWire` lays a state's series out as a list, cut to their length; columns that are equal in
 * several series (steps and times mostly are) become one buffer, sent once.
 */
export function toWire(message: ToPanel): unknown {
  if (message.kind === 'snapshot' || message.kind === 'events')
    return {
      ...message,
      runs: message.runs.map((run) => (run.state ? { ...run, state: packState(run.state) } : run)),
    };
  return message;
}

/** The message that `toWire` packed. A message that was never packed passes as it is. */
export function fromWire(data: unknown): ToPanel {
  const message = data as ToPanel;
  if (message.kind === 'snapshot' || message.kind === 'events')
    for (const run of message.runs) if (run.state) run.state = unpackState(run.state);
  return message;
}

type PackedState = Omit<RunState, 'series'> & { series: [string, Series][] };

function packState(state: RunState): PackedState {
  const columns: Float64Array[] = [];
  const shared = (column: Float64Array, length: number): Float64Array => {
    const known = columns.find((other) => other.length === length && isEqual(other, column));
    if (known) return known;
    const own = column.slice(0, length);
    columns.push(own);
    return own;
  };
  const pack = ([name, series]: [string, Series]): [string, Series] => [
    name,
    {
      ...series,
      steps: shared(series.steps, series.length),
      times: shared(series.times, series.length),
      values: series.values.slice(0, series.length),
    },
  ];
  return { ...state, series: [...state.series].map(pack) };
}

/** `known` is as long as the part of `column` that counts. Most unequal columns differ at an end already. */
function isEqual(known: Float64Array, column: Float64Array): boolean {
  const last = known.length - 1;
  if (last >= 0 && (known[0] !== column[0] || known[last] !== column[last])) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== column[i]) return false;
  return true;
}

function unpackState(state: RunState | PackedState): RunState {
  return state.series instanceof Map ? (state as RunState) : { ...state, series: new Map(state.series) };
}
