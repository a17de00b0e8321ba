import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { counted } from '../../src/text/numbers.ts';
import type { ExperimentView } from '../../src/protocol/panel.ts';
import { Button, TextField } from '../controls/controls.tsx';
import { ask } from '../model/host.ts';
import { experiment } from '../model/panel-model.ts';
import { FieldRow } from './field.tsx';
import { layoutOf } from './form-layout.ts';
import type { Section } from './form-layout.ts';
import { Preview } from './preview.tsx';
import { ProblemList } from './problems.tsx';
import { t } from '../../src/text/say.ts';

/** The experiment as a form; what is changed here is changed in the YAML text, which stays the truth. */
export function ExperimentTab(): VNode {
  const view = experiment.value;
  const [search, setSearch] = useState('');
  const layout = useMemo(() => view && layoutOf(view.fields, view.problems, search), [view, search]);
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
  // After the data: where the form is one column, the pictures stand under what changes them.
  const lastOfData = layout.sections.findLastIndex(({ name }) => name.startsWith('Data'));
  const atPreview = lastOfData < 0 ? layout.sections.length : lastOfData + 1;
  const drawn = (section: Section): VNode => <FormSection key={section.name} section={section} view={view} />;
  return (
    <div class="experiment">
      <div class="search">
        <TextField
          label={t('Search settings')}
          value=""
          placeholder={t('Search settings…')}
          onInput={setSearch}
        />
      </div>
      <ProblemList problems={layout.problems} />
      {layout.sections.slice(0, atPreview).map(drawn)}
      <Preview view={view} />
      {layout.sections.slice(atPreview).map(drawn)}
      {layout.sections.length === 0 && <p class="muted">{t('No setting has all of these words.')}</p>}
    </div>
  );
}

const FormSection = ({ section, view }: { section: Section; view: ExperimentView }): VNode => (
  <section aria-label={section.name}>
    <h2>{section.name}</h2>
    <ProblemList problems={section.problems} />
    {section.rows.map((row) => (
      <FieldRow key={row.key} row={row} note={row.key === 'data.pairs' ? <DataNote view={view} /> : null} />
    ))}
  </section>
);

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
