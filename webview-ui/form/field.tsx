import { Fragment } from 'preact';
import type { VNode } from 'preact';
import type { DrawKind, FieldView } from '../../src/experiment/schema/field-view.ts';
import { Button, Checkbox, Select, TextField } from '../controls/controls.tsx';
import { IconButton } from '../controls/icon.tsx';
import { ask } from '../model/host.ts';
import type { PlacedProblem, Row } from './form-layout.ts';
import { ProblemList } from './problems.tsx';
import { drawnFrom, listValues, typedAsYaml } from './typed.ts';
import { plural } from '../../src/text/words.ts';
import { t } from '../../src/text/say.ts';

/** One thing to set: its label, a line for each of its fields, and below each what is wrong with it. */
export function FieldRow({ row, note }: { row: Row; note: VNode | null }): VNode {
  const { lines } = row;
  const isShared = lines.length > 1 || lines[0]!.field.label !== row.label;
  return (
    <div class="row" role="group" aria-label={row.label}>
      {lines.map(({ field, problems }, index) => (
        <Fragment key={field.path}>
          <div class="row-label" title={field.description}>
            {index === 0 && <span>{row.label}</span>}
            {isShared && <span class="line-name muted">{field.label.toLowerCase()}</span>}
          </div>
          <div class="row-control">
            {field.sweep ? (
              <SweepControl field={field} invalid={isInvalid(problems)} />
            ) : (
              <Control field={field} invalid={isInvalid(problems)} />
            )}
          </div>
          <div class="row-after">
            <AfterControl field={field} />
            {note}
          </div>
          {problems.length > 0 && (
            <div class="row-problems">
              <ProblemList problems={problems} />
            </div>
          )}
        </Fragment>
      ))}
    </div>
  );
}

const isInvalid = (problems: PlacedProblem[]): boolean =>
  problems.some(({ problem }) => problem.severity === 'error');

/** What stands beside a control: its unit, and what else can be done. */
function AfterControl({ field }: { field: FieldView }): VNode {
  if (field.sweep)
    return (
      <>
        <Draw field={field} />
        <button
          type="button"
          class="link quiet"
          aria-label={t('Stop sweeping {0}', field.label)}
          onClick={() => void sweep(field, null)}
        >
          {t('− sweep')}
        </button>
      </>
    );
  return (
    <>
      {field.control === 'path' && (
        <Button secondary onClick={() => void ask({ kind: 'browse', path: field.path }, t('choose a file'))}>
          {t('Browse')}
        </Button>
      )}
      {field.unit && <span class="muted">{field.unit}</span>}
      {isDefault(field) && <span class="muted default-word">{t('default')}</span>}
      {field.text !== null && (
        <IconButton
          name="reset"
          label={t('Reset {0} to its default, {1}', field.label, defaultOf(field))}
          onClick={() => void edit(field, null)}
        />
      )}
      {field.sweepable && (
        <button
          type="button"
          class="link quiet"
          aria-label={t('Sweep {0}: try a list of values', field.label)}
          onClick={() => void sweep(field, [field.text ?? field.defaultText])}
        >
          {t('+ sweep')}
        </button>
      )}
    </>
  );
}

/** Whether a text field shows its default as a placeholder, whose colour says so in all but high-contrast themes. */
const isDefault = (field: FieldView): boolean =>
  field.text === null &&
  !field.sweep &&
  field.control !== 'boolean' &&
  field.control !== 'choice' &&
  !isUnset(field);

function Control({ field, invalid }: { field: FieldView; invalid: boolean }): VNode {
  const label = `${field.label} (${field.path})`;
  if (field.control === 'boolean')
    return (
      <Checkbox
        label={label}
        isLabelHidden
        checked={(field.text ?? field.defaultText) === 'true'}
        onChange={(checked) => void edit(field, String(checked))}
      />
    );
  if (field.control === 'choice')
    return (
      <Select
        label={label}
        value={field.text ?? ''}
        options={choices(field)}
        onChange={(value) => void edit(field, value === '' ? null : value)}
      />
    );
  return (
    <TextField
      label={label}
      value={field.text ?? ''}
      placeholder={defaultOf(field)}
      invalid={invalid}
      onCommit={(text) => void edit(field, text.trim() === '' ? null : typedAsYaml(field.control, text))}
    />
  );
}

const isUnset = ({ defaultText }: FieldView): boolean => defaultText === '' || defaultText === 'null';

/** What an absent key means, in words. */
const defaultOf = (field: FieldView): string => (isUnset(field) ? t('not set') : field.defaultText);

/** The choices, with the default as what an absent key means, and what stands in the file even when it is none of them. */
function choices(field: FieldView): { value: string; label: string }[] {
  const known = (field.choices ?? []).map((value) => ({ value, label: value }));
  const own = field.text !== null && !known.some(({ value }) => value === field.text) ? [field.text] : [];
  return [
    { value: '', label: isUnset(field) ? t('not set') : t('{0} (default)', field.defaultText) },
    ...own.map((value) => ({ value, label: value })),
    ...known,
  ];
}

/** How the sweep takes its values: how many a list has, or what a random sweep draws from. */
function Draw({ field }: { field: FieldView }): VNode {
  const { sweep: values, draw, draws, label } = field;
  if (draw === 'choice' && draws.length < 2)
    return <span class="muted">{plural(values!.length, '{0} value', '{0} values')}</span>;
  const kinds = draws.includes(draw) ? draws : [draw, ...draws];
  return (
    <Select
      label={t('{0}: how it is drawn', label)}
      value={draw}
      options={kinds.map((kind) => ({ value: kind, label: kind }))}
      onChange={(kind) => void sweep(field, drawnFrom(values!, kind as DrawKind), kind as DrawKind)}
    />
  );
}

const SweepControl = ({ field, invalid }: { field: FieldView; invalid: boolean }): VNode => (
  <TextField
    label={
      field.draw === 'choice'
        ? t('{0}: values to try, separated by commas', field.label)
        : t('{0}: the smallest and the largest value, separated by a comma', field.label)
    }
    value={field.sweep!.join(', ')}
    placeholder={field.draw === 'choice' ? '1e-4, 3e-4, 1e-3' : '1e-5, 1e-2'}
    invalid={invalid}
    onCommit={(text) => void sweep(field, listValues(text), field.draw)}
  />
);

const edit = (field: FieldView, text: string | null): Promise<boolean> =>
  ask({ kind: 'edit', path: field.path, text }, t('write {0}', field.path));

const sweep = (field: FieldView, values: string[] | null, draw?: DrawKind): Promise<boolean> =>
  ask(
    { kind: 'sweep', path: field.path, values, ...(draw && { draw }) },
    t('write the sweep of {0}', field.path),
  );
