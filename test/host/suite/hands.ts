import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { until } from './inside.ts';

/** What a person does or sees in the window; a selector with a text means the last one seen that holds it. */
type Step =
  | { kind: 'click' | 'menu' | 'hover' | 'read' | 'readNow'; selector: string; text?: string }
  | { kind: 'type' | 'path'; text: string }
  | { kind: 'press'; key: string }
  | { kind: 'picture'; name: string };

let asked = 0;

/** Lets the program that opened this window do one step in it (test/e2e/hands.mjs). */
export async function hand(step: Step): Promise<unknown> {
  const name = `${String(Date.now())}-${String(asked++).padStart(4, '0')}`;
  const file = join(process.env['TANDEM_TEST_HANDS']!, name);
  writeFileSync(`${file}.part`, JSON.stringify(step));
  renameSync(`${file}.part`, `${file}.json`);
  await until(`${step.kind} ${JSON.stringify(step)}`, () => existsSync(`${file}.done`), 120_000);
  const answer = JSON.parse(readFileSync(`${file}.done`, 'utf8')) as { value?: unknown; error?: string };
  if (answer.error) throw new Error(`${JSON.stringify(step)}: ${answer.error}`);
  return answer.value;
}

const message = '.notification-list-item';

/** The message that holds a text, whole. Messages hide after a while: then they are looked up in their list. */
export async function readToast(text: string): Promise<string> {
  let found: unknown = null;
  await until(`the message ${text}`, async () => {
    found = await hand({ kind: 'readNow', selector: message, text });
    if (found !== null) return true;
    await vscode.commands.executeCommand('notifications.showList');
    await new Promise((resolve) => setTimeout(resolve, 300));
    return false;
  });
  return String(found).replace(/\s+/g, ' ');
}

/** A button of the message that holds a text. */
export async function pressInToast(text: string, button: string): Promise<void> {
  await readToast(text);
  await vscode.commands.executeCommand('notifications.showList'); // there it does not hide before it is pressed
  const selector = `${message}:has-text(${JSON.stringify(text)}) .monaco-button`;
  await hand({ kind: 'click', selector, text: button });
}

/** Types into the input that is open, and accepts it. */
export async function fillIn(text: string): Promise<void> {
  await hand({ kind: 'type', text });
  await hand({ kind: 'press', key: 'Enter' });
}

/** A path into the file dialogue that is open. */
export const givePath = (text: string): Promise<unknown> => hand({ kind: 'path', text });

/** Chooses a row of the list that is open, found by typing. */
export async function choose(text: string): Promise<void> {
  await hand({ kind: 'type', text });
  await hand({ kind: 'click', selector: '.quick-input-list .monaco-list-row', text });
}
