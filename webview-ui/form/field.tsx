import type { VNode } from 'preact';
import type { FieldView } from '../../src/experiment/schema/field-view.ts';
import { Checkbox, Select, TextField } from '../controls/controls.tsx';
import { Button } from '../controls/controls.tsx';
import { IconButton } from '../controls/icon.tsx';
import { ask } from '../model/host.ts';
import { sentence } from './form-layout.ts';
import type { Row } from './form-layout.ts';
import { ProblemList } from './problems.tsx';
import { listValues, typedAsYaml } from './typed.ts';
import { plural } from '../../src/text/words.ts';
import { t } from '../../src/text/say.ts';

/** One line of the form with its label, its control or controls, and what is wrong with them. */
export function FieldRow({ row, note }: { row: Row; note: VNode | null }): VNode {
  const [first] = row.fields;
  return (
    <div class={`row ${row.fields.length > 1 ? 'shared' : ''}`} role="group" aria-label={row.label}>
      <div class="row-label" title={first!.description}>
        {row.label}
      </div>
      <div class="row-body">
        <div class="row-controls">
          {row.fields.map((field) => (
            <Field
              key={field.path}
              field={field}
              shared={row.fields.length > 1}
              invalid={isInvalid(row, field)}
            />
          ))}
          {note}
        </div>
        <ProblemList problems={row.problems} />
      </div>
    </div>
  );
}

const isInvalid = (row: Row, field: FieldView): boolean =>
  row.problems.some(({ problem }) => problem.severity === 'error' && problem.path === field.path);

function Field(props: { field: FieldView; shared: boolean; invalid: boolean }): VNode {
  const { field, shared, invalid } = props;
  const name = shared ? field.path.split('.').at(-1)! : null;
  return (
    <span class="field">
      {name && <span class="muted">{name}</span>}
      {field.sweep ? <SweepControl field={field} /> : <Control field={field} invalid={invalid} />}
      {field.unit && !field.sweep && <span class="muted">{field.unit}</span>}
      {isDefault(field) && <span class="muted default-word">{t('default')}</span>}
      {field.control === 'path' && (
        <Button secondary onClick={() => void ask({ kind: 'browse', path: field.path }, t('choose a file'))}>
          {t('Browse')}
        </Button>
      )}
      {field.text !== null && !field.sweep && (
        <IconButton
          name="reset"
          label={t('Reset {0} to its default, {1}', field.label, defaultOf(field))}
          onClick={() => void edit(field, null)}
        />
      )}
      {field.sweepable && !field.sweep && (
        <button
          type="button"
          class="link quiet"
          aria-label={t('Sweep {0}: try a list of values', field.label)}
          onClick={() => void sweep(field, [field.text ?? field.defaultText])}
        >
          {t('+ sweep')}
        </button>
      )}
    </span>
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
        label={sentence(field.path.split('.').at(-1)!)}
        checked={(field.text ?? field.defaultText) === 'true'}
        onChange={(checked) => void edit(field, String(checked))}
      />
    );
  if (field.control === 'choice')
    return (
      <Select
        label={label}
        value={field.text ?? ''}
        width="wide"
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
      width={field.control === 'path' || field.control === 'text' ? 'wide' : 'narrow'}
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

function SweepControl({ field }: { field: FieldView }): VNode {
  return (
    <>
      <TextField
        label={t('{0}: values to try, separated by commas', field.label)}
        value={field.sweep!.join(', ')}
        placeholder="1e-4, 3e-4, 1e-3"
        width="wide"
        onCommit={(text) => void sweep(field, listValues(text))}
      />
      <span class="muted">{plural(field.sweep!.length, '{0} value', '{0} values')}</span>
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
}

const edit = (field: FieldView, text: string | null): Promise<boolean> =>
  ask({ kind: 'edit', path: field.path, text }, t('write {0}', field.path));

const sweep = (field: FieldView, values: string[] | null): Promise<boolean> =>
  ask({ kind: 'sweep', path: field.path, values }, t('write the sweep of {0}', field.path));
