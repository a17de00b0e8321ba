import type { VNode } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { counted } from '../../src/text/numbers.ts';
import type { ExperimentView } from '../../src/protocol/panel.ts';
import { Button, TextField } from '../controls/controls.tsx';
import { Icon } from '../controls/icon.tsx';
import { ask } from '../model/host.ts';
import { experiment } from '../model/panel-model.ts';
import { FieldRow } from './field.tsx';
import { basicName, layoutOf, problemsOf } from './form-layout.ts';
import type { Layout, Section } from './form-layout.ts';
import { formSearch, ledTo, unfold, unfolded } from './form-state.ts';
import { MemoryNote } from './memory-note.tsx';
import { Preview } from './preview.tsx';
import { problemId, ProblemList } from './problems.tsx';
import { t } from '../../src/text/say.ts';

/** The experiment as a form; what is changed here is changed in the YAML text, which stays the truth. */
export function ExperimentTab(): VNode {
  const view = experiment.value;
  const search = formSearch.value;
  const layout = useMemo(() => view && layoutOf(view.fields, view.problems, search), [view, search]);
  useLead(layout);
  if (!view || !layout)
    return (
      <div class="empty">
        <p>{t('These runs have no experiment file here: their curves can be looked at and compared.')}</p>
        <Button
          secondary
          onClick={() =>
            void ask({ kind: 'command', command: 'newExperiment', run: null }, t('make a new experiment'))
          }
        >
          {t('New Experiment')}
        </Button>
      </div>
    );
  return (
    <div class="experiment">
      <div class="search">
        <TextField
          label={t('Search settings')}
          value={search}
          placeholder={t('Search settings…')}
          onInput={(text) => (formSearch.value = text)}
        />
      </div>
      <ProblemList problems={layout.problems} />
      {layout.sections.slice(0, 1).map((section) => (
        <FormSection key={section.name} section={section} view={view} />
      ))}
      <Preview view={view} />
      {layout.sections.slice(1).map((section) => (
        <FormSection key={section.name} section={section} view={view} />
      ))}
      {layout.sections.length === 0 && <p class="muted">{t('No setting has all of these words.')}</p>}
    </div>
  );
}

/** The settings that one sets first are always there; the others are folded, unless something is wrong with them. */
function FormSection({ section, view }: { section: Section; view: ExperimentView }): VNode {
  const { name, rows } = section;
  const canFold = name !== basicName() && !formSearch.value;
  const isOpen = !canFold || (unfolded.value[name] ?? isDoubtful(section));
  return (
    <section aria-label={name}>
      <h2>
        {canFold ? (
          <button type="button" class="fold" aria-expanded={isOpen} onClick={() => unfold(name, !isOpen)}>
            <Icon name={isOpen ? 'down' : 'right'} />
            {name}
            {!isOpen && <span class="muted fold-summary">{whatIsSet(section)}</span>}
          </button>
        ) : (
          name
        )}
      </h2>
      {isOpen && (
        <>
          <ProblemList problems={section.problems} />
          {rows.map((row) => (
            <FieldRow key={row.key} row={row} note={noteOf(row.key, view)} />
          ))}
        </>
      )}
    </section>
  );
}

function noteOf(key: string, view: ExperimentView): VNode | null {
  if (key === 'data.pairs') return <DataNote view={view} />;
  return key === 'train.batch_size' ? <MemoryNote memory={view.memory} /> : null;
}

const isDoubtful = (section: Section): boolean =>
  problemsOf(section).some(({ problem }) => problem.severity !== 'info');

/** What the file says in a folded section: `image size 128 · flip 0, 0.5`. */
const whatIsSet = ({ rows }: Section): string =>
  rows
    .flatMap(({ lines }) => lines.map(({ field }) => field))
    .filter(({ text, sweep }) => text !== null || sweep)
    .map(({ label, text, sweep }) => `${label.toLowerCase()} ${sweep ? sweep.join(', ') : text}`)
    .join(' · ');

/** Opens what holds the problem that a person is led to, and takes them there. */
function useLead(layout: Layout | null): void {
  const index = ledTo.value;
  const open = unfolded.value;
  useEffect(() => {
    if (index === null || !layout) return;
    const element = document.getElementById(problemId(index));
    if (element) {
      ledTo.value = null;
      element.scrollIntoView({ block: 'center' });
      element.focus({ preventScroll: true });
      return;
    }
    const section = layout.sections.find((each) => problemsOf(each).some((placed) => placed.index === index));
    if (section && open[section.name] !== true) unfold(section.name, true);
    else ledTo.value = null;
  });
}

function DataNote({ view }: { view: ExperimentView }): VNode | null {
  const { data } = view;
  if (!data) return null;
  const facts =
    data.rows === data.usable
      ? t('{0} pairs, {1} images', counted(data.usable), counted(data.pictures))
      : t(
          '{0} pairs of {1} rows, {2} images',
          counted(data.usable),
          counted(data.rows),
          counted(data.pictures),
        );
  if (!data.bad) return <span class="muted">{facts}</span>;
  return (
    <details class="data-note">
      <summary class="muted">{t('{0}, {1} unreadable', facts, counted(data.bad))}</summary>
      <ul>
        {data.examples.map((each) => (
          <li key={each}>{each}</li>
        ))}
        {data.bad > data.examples.length && (
          <li class="muted">{t('and {0} more', counted(data.bad - data.examples.length))}</li>
        )}
      </ul>
    </details>
  );
}
