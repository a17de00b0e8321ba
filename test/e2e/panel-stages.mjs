// What a person does in the panel while a training runs.
import { until } from './vscode.mjs';

/** A value typed into the form stands in the file, and nothing else changes; Ctrl+Z in the panel takes it back; the preview shows pictures. */
export async function editInForm(window, say) {
  const panel = window.panel();
  await panel.locator('[role="tab"]', { hasText: 'Experiment' }).click();
  await panel.getByRole('button', { name: /^Optimizer(?! ›)/ }).click();
  const field = panel.getByRole('textbox', { name: /optimizer\.clip_norm/ });
  await field.waitFor({ timeout: 30_000 });
  await field.fill('2.0');
  await field.press('Enter');
  await until(async () => /clip_norm:\s2\.0/.test(await window.editorText()), 20_000, 'the edit in the file');
  await panel.locator('.preview img').first().waitFor({ timeout: 60_000 });
  say('form', await window.picture('form'));
  await field.press('Control+z');
  await until(async () => /clip_norm:\s1\.0/.test(await window.editorText()), 20_000, 'the edit back');
  await panel.locator('[role="tab"]', { hasText: 'Plots' }).click();
}

/** The same panel in dark colours, and again light ones. */
export async function inTheDark(window, say) {
  await window.command('Preferences: Toggle between Light/Dark Themes');
  await window.page.waitForTimeout(2_000);
  say('dark', await window.picture('dark'));
  await window.panel().locator('[role="tab"]', { hasText: 'Experiment' }).click();
  await window.page.waitForTimeout(1_500);
  say('dark form', await window.picture('dark-form'));
  await window.panel().locator('[role="tab"]', { hasText: 'Plots' }).click();
  await window.command('Preferences: Toggle between Light/Dark Themes');
  await window.page.waitForTimeout(1_000);
}

/** How long the installed extension took to activate, as VS Code itself says; ms. */
export async function activationMs(window) {
  await window.command('Developer: Show Running Extensions');
  const row = window.page
    .locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Tandem' })
    .first();
  await row.waitFor({ timeout: 30_000 });
  const text = await row.innerText();
  const ms = Number(/(\d+)\s*ms/.exec(text)?.[1] ?? NaN);
  await window.page.keyboard.press('Control+F4');
  return { ms, text: text.replaceAll('\n', ' ') };
}
