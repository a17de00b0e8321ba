import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { RunView } from '../../src/protocol/panel.ts';
import { Status } from '../controls/status.tsx';
import { runs, shown, showRuns } from '../model/model.ts';
import { runColour, runName } from '../model/run-colours.ts';
import { Swatch } from './legend.tsx';

/** Which runs are drawn: a list to open, with the colours that they have in all places. */
export function RunList({ chosen }: { chosen: RunView[] }): VNode {
  const [search, setSearch] = useState('');
  const all = runs.value;
  const found = all.filter((run) => `${runName(run)} ${run.id}`.toLowerCase().includes(search.toLowerCase()));
  return (
    <details class="run-list">
      <summary>
        runs <span class="muted">{chosen.length} shown</span>
      </summary>
      <div class="run-list-body">
        <div class="run-list-head">
          {all.length > 8 && (
            <input
              type="search"
              placeholder="Search runs…"
              aria-label="Search runs"
              value={search}
              onInput={(event) => setSearch(event.currentTarget.value)}
            />
          )}
          <button type="button" class="link" onClick={() => showRuns(found.map(({ id }) => id))}>
            Show all
          </button>
          <button type="button" class="link" onClick={() => showRuns([])}>
            Show none
          </button>
        </div>
        <ul>
          {found.map((run) => (
            <li key={run.id}>
              <label>
                <input
                  type="checkbox"
                  checked={shown.value.includes(run.id)}
                  onChange={() => toggle(run.id)}
                />
                <Swatch colour={shown.value.includes(run.id) ? runColour(run.id) : 'none'} />
                <span class="run-name">{runName(run)}</span>
                {run.foreign ? <span class="muted">log</span> : <Status status={run.status} />}
              </label>
            </li>
          ))}
        </ul>
      </div>
    </details>
  );
}

function toggle(id: string): void {
  const isShown = shown.value.includes(id);
  showRuns(isShown ? shown.value.filter((other) => other !== id) : [...shown.value, id]);
}
