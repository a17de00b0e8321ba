// A person's hands for tests inside the extension host: they ask through files, and it is done in the window's page.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openMenu } from './menu.mjs';
import { root } from './vscode.mjs';

/** A bound on a hang, not on speed. */
const limitMs = 60_000;

/** Does what was asked since the last call; each request `N.json` is answered by `N.done`. */
export async function serveHands(page, folder) {
  const asked = readdirSync(folder).filter((name) => name.endsWith('.json'));
  for (const name of asked.sort()) {
    const step = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    rmSync(join(folder, name));
    const answer = await act(page, step).then(
      (value) => ({ value: value ?? null }),
      async (error) => {
        await picture(page, 'hands-failed');
        return { error: String(error.message ?? error).split('\n')[0] };
      },
    );
    const done = join(folder, name.replace('.json', '.done'));
    writeFileSync(`${done}.part`, JSON.stringify(answer));
    renameSync(`${done}.part`, done);
  }
}

async function act(page, { kind, selector, text, key, name }) {
  const find = () => {
    const all = page.locator(`${selector} >> visible=true`);
    return (text === undefined ? all : all.filter({ hasText: text })).last();
  };
  switch (kind) {
    case 'click':
      return find().click({ timeout: limitMs });
    case 'menu':
      return openMenu(page, find());
    case 'hover':
      return find().hover({ timeout: limitMs });
    case 'read':
      await find().waitFor({ timeout: limitMs });
      return find().innerText();
    case 'readNow':
      return find()
        .innerText({ timeout: 1_000 })
        .catch(() => null);
    case 'type':
      await page.locator('.quick-input-widget input >> visible=true').last().waitFor({ timeout: limitMs });
      return page.locator('.quick-input-widget input >> visible=true').last().fill(text);
    case 'path':
      return fillPath(page, text);
    case 'press':
      return page.keyboard.press(key);
    case 'picture':
      return picture(page, name);
    default:
      throw new Error(`no such step: ${kind}`);
  }
}

/** A path into the window's own file dialogue, which follows the typing and may take Enter for a folder on the way. */
export async function fillPath(page, path) {
  const input = page.locator('.quick-input-widget input[type="text"] >> visible=true').last();
  await input.waitFor({ timeout: limitMs });
  const button = page.locator('.quick-input-widget .quick-input-action .monaco-button >> visible=true');
  for (const end = Date.now() + limitMs; Date.now() < end;) {
    await input.fill(path, { timeout: 5_000 });
    await page.waitForTimeout(700);
    if ((await input.inputValue({ timeout: 5_000 })) !== path) continue;
    await button.last().click({ timeout: 5_000 });
    const gone = await input.waitFor({ state: 'hidden', timeout: 3_000 }).then(
      () => true,
      () => false,
    );
    if (gone || !(await button.count())) return;
    if ((await input.inputValue().catch(() => null)) === null) return;
  }
  throw new Error(`the dialogue did not take ${path}`);
}

async function picture(page, name) {
  const shots = join(root, 'shots');
  if (!existsSync(shots)) mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `host-${name}.png`) });
}
