import type { VNode } from 'preact';
import type { RunView } from '../../src/protocol/panel.ts';
import { findingText } from '../../src/analysis/finding-text.ts';
import { counted } from '../../src/text/numbers.ts';
import { t } from '../../src/text/say.ts';
import { Icon } from '../controls/icon.tsx';
import { runName } from '../model/run-colours.ts';
import { plural } from '../../src/text/words.ts';

interface ShownNote {
  severity: 'info' | 'warning' | 'error';
  message: string;
  items: string[];
}

/** What a person should know of the shown runs: unreadable pictures, another engine than asked for, findings, why one ended. */
export function RunNotes({ runs }: { runs: RunView[] }): VNode | null {
  const notes = runs.flatMap((run) => {
    const whose = runs.length > 1 ? `${runName(run)}: ` : '';
    const notes: ShownNote[] = [
      ...(run.state?.notes ?? []).map((note) => ({ ...note, message: whose + note.message })),
      ...(run.state?.findings ?? []).map(({ severity, step, message, advice }) => ({
        severity,
        message: `${whose}${findingText({ message, advice })} ${t('(step {0})', counted(step))}`,
        items: [],
      })),
    ];
    const { ended } = run.state ?? {};
    if (ended?.reason && ended.status !== 'finished')
      notes.push({
        severity: 'warning',
        message: whose + ended.reason,
        items: [],
      });
    return notes;
  });
  const warnings = notes.filter(({ severity }) => severity !== 'info');
  const others = notes.filter(({ severity }) => severity === 'info');
  if (!notes.length) return null;
  const count = plural(notes.length, '{0} note', '{0} notes');
  // The plots stay in sight: the notes of a sweep are many.
  const isOpen = warnings.length > 0 && notes.length <= 3;
  return (
    <details class="run-notes" open={isOpen}>
      <summary>
        {warnings.length && !isOpen
          ? `${count}, ${plural(warnings.length, '{0} warning', '{0} warnings')}`
          : count}
      </summary>
      <ul class="problems">
        {[...warnings, ...others].slice(0, 50).map((note, index) => (
          <li key={index} class={`problem problem-${note.severity}`}>
            <Icon name={note.severity} />
            <span>
              {note.message}
              {note.items.length > 0 && <span class="muted"> {note.items.slice(0, 10).join(', ')}</span>}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
