import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { RunView } from '../../src/protocol/panel.ts';
import type { Annotation } from '../../src/protocol/run.ts';
import { plural } from '../../src/text/words.ts';
import { t } from '../../src/text/say.ts';
import { Button } from '../controls/controls.tsx';
import { ask } from '../model/host.ts';
import { chooseTab, showRuns } from '../model/panel-model.ts';
import { runColour } from '../model/run-colours.ts';
import { selection } from './table-state.ts';

interface SelectionBarProps {
  runs: RunView[];
  onDifference: () => void;
}

/** What can be done with the selected runs. */
export function SelectionBar({ runs, onDifference }: SelectionBarProps): VNode {
  const ids = runs.map(({ id }) => id);
  const own = runs.filter(({ foreign }) => !foreign).map(({ id }) => id);
  const show = (tab: 'plots' | 'compare'): void => {
    showRuns(ids);
    chooseTab(tab);
  };
  const annotate = (change: Annotation, words: string): void =>
    void ask({ kind: 'annotate', runs: own, change }, words);
  const areStarred = runs.every(({ file }) => file?.starred);
  return (
    <div class="toolbar selection-bar" role="group" aria-label={t('Selected runs')}>
      <span class="number">{t('{0} selected', runs.length)}</span>
      <Button onClick={() => show('plots')}>{t('Show in Plots')}</Button>
      <Button secondary disabled={runs.length < 2} onClick={() => show('compare')}>
        {t('Compare')}
      </Button>
      <Button
        secondary
        disabled={runs.length !== 2}
        title={
          runs.length === 2
            ? t('Settings, data, code version and environment side by side')
            : t('Of two runs')
        }
        onClick={onDifference}
      >
        {t('Difference')}
      </Button>
      {own.length > 0 && (
        <>
          <Button secondary onClick={() => annotate({ starred: !areStarred }, t('star the runs'))}>
            {areStarred ? t('Unstar') : t('Star')}
          </Button>
          <TagField runs={runs} onChange={(change) => annotate(change, t('tag the runs'))} />
          <ColourField runs={runs} onChange={(colour) => annotate({ colour }, t('colour the runs'))} />
          {own.length === 1 && (
            <Button
              secondary
              onClick={() =>
                void ask({ kind: 'command', command: 'addNote', run: own[0]! }, t('write the note'))
              }
            >
              {t('Note…')}
            </Button>
          )}
          <Button secondary onClick={() => void ask({ kind: 'delete', runs: own }, t('delete the runs'))}>
            {t('Delete…')}
          </Button>
        </>
      )}
      <button type="button" class="link" onClick={() => (selection.value = new Set())}>
        {t('Select none')}
      </button>
    </div>
  );
}

interface TagFieldProps {
  runs: RunView[];
  onChange: (change: Annotation) => void;
}

/** Enter adds a tag to all; those that some have are buttons that take them away. */
function TagField({ runs, onChange }: TagFieldProps): VNode {
  const [text, setText] = useState('');
  const tags = [...new Set(runs.flatMap(({ file }) => file?.tags ?? []))];
  const add = (): void => {
    const tag = text.trim().replace(/\s+/g, '-');
    if (tag) onChange({ tag: [tag] });
    setText('');
  };
  return (
    <span class="tool tags">
      {tags.map((tag) => (
        <button
          key={tag}
          type="button"
          class="chip"
          aria-label={t('Take the tag {0} away', tag)}
          title={t('Take the tag {0} away', tag)}
          onClick={() => onChange({ untag: [tag] })}
        >
          {tag} ×
        </button>
      ))}
      <input
        type="search"
        class="tag-field"
        placeholder={t('Add a tag')}
        aria-label={t('Add a tag')}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Enter' && add()}
        onBlur={add}
      />
    </span>
  );
}

interface ColourFieldProps {
  runs: RunView[];
  onChange: (colour: string | null) => void;
}

/** The colour that the runs are drawn in everywhere, and the way back to their own. */
function ColourField({ runs, onChange }: ColourFieldProps): VNode {
  const isChosen = runs.some(({ file }) => file?.colour);
  return (
    <span class="tool">
      <input
        type="color"
        aria-label={plural(runs.length, 'Colour of the run', 'Colour of {0} runs')}
        title={plural(runs.length, 'Colour of the run', 'Colour of {0} runs')}
        value={runColour(runs[0]!)}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {isChosen && (
        <button type="button" class="link" onClick={() => onChange(null)}>
          {t('Own colour')}
        </button>
      )}
    </span>
  );
}
