import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { isAtChance } from '../../src/analysis/metric-values.ts';
import { parseFilter } from '../../src/analysis/run-filter.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { DropDown } from '../controls/drop-down.tsx';
import { Icon } from '../controls/icon.tsx';
import { Status } from '../controls/status.tsx';
import { runs, shown, showRuns } from '../model/panel-model.ts';
import { runColour, runName } from '../model/run-colours.ts';
import { groupsOf, standing } from '../model/sweeps.ts';
import type { RunGroup } from '../model/sweeps.ts';
import { Swatch } from './legend.tsx';
import { plural } from '../../src/text/words.ts';
import { t } from '../../src/text/say.ts';

/** Which runs are drawn: a list to open, by sweep, with the colours that they have in all places. */
export const RunList = ({ chosen }: { chosen: RunView[] }): VNode => (
  <DropDown
    name="run-list"
    summary={
      <>
        {t('runs')} <span class="muted">{t('{0} shown', chosen.length)}</span>
      </>
    }
  >
    {() => <Groups />}
  </DropDown>
);

function Groups(): VNode {
  const [search, setSearch] = useState('');
  const [folded, setFolded] = useState<string[]>([]);
  const isFiltered = search.trim() !== '';
  const found = runs.value.filter(parseFilter(search).passes);
  const groups = groupsOf(found);
  return (
    <div class="drop-down-body">
      <div class="drop-down-head">
        {runs.value.length > 8 && (
          <input
            type="search"
            placeholder={t('Search runs…')}
            aria-label={t('Search runs')}
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        )}
        <button type="button" class="link" onClick={() => showRuns(found.map(({ id }) => id))}>
          {isFiltered ? t('Show only these') : t('Show all')}
        </button>
        <button type="button" class="link" onClick={() => showRuns([])}>
          {t('Show none')}
        </button>
      </div>
      {groups.map((group) => (
        <Group
          key={group.id}
          group={group}
          isAlone={groups.length === 1 && !group.isSweep}
          isFolded={folded.includes(group.id) && !isFiltered}
          onFold={() => setFolded(without(folded, group.id) ?? [...folded, group.id])}
        />
      ))}
      {found.length === 0 && <p class="muted">{t('No run passes this filter.')}</p>}
    </div>
  );
}

interface GroupProps {
  group: RunGroup;
  /** There is no other to be told from. */
  isAlone: boolean;
  isFolded: boolean;
  onFold: () => void;
}

function Group({ group, isAlone, isFolded, onFold }: GroupProps): VNode {
  const ids = group.runs.map(({ id }) => id);
  const drawn = ids.filter((id) => shown.value.includes(id)).length;
  const others = shown.value.filter((id) => !ids.includes(id));
  return (
    <section aria-label={group.name}>
      {!isAlone && (
        <div class="run-group">
          <input
            type="checkbox"
            aria-label={t('Show all of {0}', group.name)}
            checked={drawn === ids.length}
            indeterminate={drawn > 0 && drawn < ids.length}
            onChange={() => showRuns(drawn === ids.length ? others : [...others, ...ids])}
          />
          <button type="button" class="run-group-name" aria-expanded={!isFolded} onClick={onFold}>
            <Icon name={isFolded ? 'right' : 'down'} />
            <span class="run-name">{group.name}</span>
            <span class="muted">
              {group.isSweep ? standing(group.runs) : plural(group.runs.length, '{0} run', '{0} runs')}
            </span>
          </button>
        </div>
      )}
      {!isFolded && (
        <ul class={isAlone ? '' : 'run-group-runs'}>
          {group.runs.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </ul>
      )}
    </section>
  );
}

function RunRow({ run }: { run: RunView }): VNode {
  const isShown = shown.value.includes(run.id);
  return (
    <li>
      <label title={runName(run)}>
        <input
          type="checkbox"
          checked={isShown}
          onChange={() => showRuns(without(shown.value, run.id) ?? [...shown.value, run.id])}
        />
        <Swatch colour={isShown ? runColour(run) : 'none'} />
        <span class="run-name">{runName(run)}</span>
        {run.foreign ? (
          <span class="muted">{t('log of another program')}</span>
        ) : (
          <Status status={run.status} isAtChance={isAtChance(run)} />
        )}
      </label>
    </li>
  );
}

/** The list without one of its members; null when it has none such. */
const without = (list: string[], member: string): string[] | null =>
  list.includes(member) ? list.filter((other) => other !== member) : null;
