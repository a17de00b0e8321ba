import * as vscode from 'vscode';
import { applyEdits } from '../../experiment/edit/apply-edits.ts';
import { setValue } from '../../experiment/edit/edit.ts';
import { yamlText } from '../../experiment/edit/yaml-text.ts';
import { experimentFields } from '../../experiment/editor/fields.ts';
import type { FieldView } from '../../experiment/schema/field-view.ts';
import { parseExperiment } from '../../experiment/parse/parse.ts';
import { t } from '../../text/say.ts';
import { pickRuns } from '../training/pick.ts';
import type { Command } from './commands.ts';
import { sourceOf, startAndShow } from './train.ts';

/** Trains a run's settings again with some of them changed. */
export const restartCommands: Record<string, Command> = {
  restartWithChanges: async (parts, ...args) => {
    const fits = (run: { foreign: boolean }) => !run.foreign;
    const [run] = await pickRuns(args, parts.explorer, parts.runs.all(), { fits });
    if (!run) return;
    const { text, file } = await sourceOf(run);
    const own = Object.entries(run.file.settings).map(([path, value]): [string, string] => [
      path,
      yamlText(value),
    ]);
    const changes = await askChanges(withValues(text, own));
    if (!changes) return;
    const set = [...own, ...changes].map(([path, value]) => `${path}=${value}`);
    await startAndShow(parts, file, { set, single: true, text });
  },
};

interface ChangeItem extends vscode.QuickPickItem {
  path: string | null;
  value: string;
}

/** Asks for settings and their values until the person starts; null when they leave. */
async function askChanges(text: string): Promise<[path: string, value: string][] | null> {
  const fields = experimentFields(parseExperiment(text));
  const changes = new Map<string, string>();
  for (;;) {
    const start: ChangeItem = {
      label:
        changes.size === 0
          ? t('$(play) Start with the same settings')
          : t('$(play) Start with {0} changed', changes.size),
      path: null,
      value: '',
    };
    const choice = await vscode.window.showQuickPick([start, ...changeItems(fields, changes)], {
      placeHolder: t('Choose what to change, then start'),
      matchOnDetail: true,
      ignoreFocusOut: true,
    });
    if (!choice) return null;
    if (choice.path === null) return [...changes];
    const { path } = choice;
    const value = await vscode.window.showInputBox({
      title: path,
      value: choice.value,
      ignoreFocusOut: true,
      validateInput: (input) => problemWith(text, path, input),
    });
    if (value !== undefined) changes.set(path, value);
  }
}

/** The settings by their section, those that are not set at the end and without a value. */
function changeItems(fields: FieldView[], changes: ReadonlyMap<string, string>): ChangeItem[] {
  const groups = new Map<string, ChangeItem[]>();
  const unset: ChangeItem[] = [];
  for (const { path, label, section, text, defaultText } of fields) {
    const value = changes.get(path) ?? text ?? defaultText;
    const item = {
      label: `${changes.has(path) ? '$(edit) ' : ''}${label}`,
      description: value,
      detail: path,
      path,
      value,
    };
    if (value === '' || value === 'null') unset.push({ ...item, description: '', value: '' });
    else groups.set(section, [...(groups.get(section) ?? []), item]);
  }
  return [...groups, [t('Not set'), unset] as const].flatMap(([name, items]) =>
    items.length ? [separator(name), ...items] : [],
  );
}

const separator = (label: string): ChangeItem => ({
  label,
  kind: vscode.QuickPickItemKind.Separator,
  path: null,
  value: '',
});

/** What the schema says against a value; null when it is right. */
function problemWith(text: string, path: string, value: string): string | null {
  const problem = parseExperiment(withValues(text, [[path, value]])).problems.find(
    (one) => one.severity === 'error' && one.path.startsWith(path),
  );
  return problem?.message ?? null;
}

function withValues(text: string, values: [path: string, value: string][]): string {
  return values.reduce((before, [path, value]) => applyEdits(before, setValue(before, path, value)), text);
}
