/** Opens the context menu of a row. A row that is drawn anew meanwhile may swallow the click, or make Playwright wait for what the menu covers. */
export async function openMenu(page, row) {
  const menu = page.locator('.monaco-menu-container .monaco-menu >> visible=true').last();
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    await row.click({ button: 'right', timeout: 3_000 }).catch(() => null); // the menu tells whether it came
    const isOpen = await menu.waitFor({ timeout: 3_000 }).then(
      () => true,
      () => false,
    );
    if (isOpen) return;
  }
  throw new Error('no context menu opened');
}

/** Chooses an item of the context menu of a row. A menu that has only just opened does not take a click yet: it is given again. */
export async function chooseInMenu(page, row, label) {
  await openMenu(page, row);
  const item = page.locator('.monaco-menu .action-item >> visible=true', { hasText: label }).first();
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    await item.click({ timeout: 3_000 }).catch(() => null); // whether the menu has closed tells
    const isTaken = await item.waitFor({ state: 'hidden', timeout: 2_000 }).then(
      () => true,
      () => false,
    );
    if (isTaken) return;
  }
  throw new Error(`${label} was not taken`);
}
