// A person's hands and eyes in a VS Code window.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './vscode.mjs';

/** A window that has nothing open yet; its pictures go into a folder of that name. */
export async function newWindow(browser, name) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 860 } });
  return windowOf(await context.newPage(), join(root, 'shots', name));
}

function windowOf(page, shots) {
  let taken = 0;
  const input = page.locator('.quick-input-widget input[type="text"]').first();
  const window = {
    page,

    /** Opens a folder and waits until the window can be used. */
    async open(url, folder) {
      const address = `${url}/?folder=${encodeURIComponent(folder)}`;
      await page.goto(address, { waitUntil: 'domcontentloaded', timeout: 120_000 });
      await window.isReady();
    },

    async isReady() {
      await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
      await page.locator('.statusbar-item').first().waitFor({ timeout: 60_000 });
    },

    /** Runs a command from the palette by its whole title. */
    async command(title) {
      const row = page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
      // The palette lists what is known when it opens: commands of an extension that is only now found come with the next.
      for (let attempt = 0; attempt < 20; attempt++) {
        await page.keyboard.press('F1');
        // It may close again under one's hands, as when a theme or an editor is just changing.
        const found = await input
          .fill(`>${title}`, { timeout: 5_000 })
          .then(() => row.waitFor({ timeout: 4_000 }))
          .then(
            () => true,
            () => false,
          );
        if (found) {
          await page.keyboard.press('Enter');
          return;
        }
        await page.keyboard.press('Escape');
      }
      throw new Error(`${title} is not in the palette`);
    },

    /** Takes the suggested path in the window's own file dialog. */
    async acceptDialog(label = 'OK') {
      const button = page.locator('.quick-input-widget .monaco-button:visible', { hasText: label }).first();
      await button.waitFor({ timeout: 30_000 });
      await button.click();
    },

    async showRuns() {
      const icon = page.locator('.activitybar .action-item:has(a[aria-label^="Tandem"])').first();
      await icon.waitFor({ timeout: 30_000 });
      if ((await icon.getAttribute('aria-expanded')) !== 'true' && !(await window.tree().isVisible()))
        await icon.click();
      await window.tree().first().waitFor({ timeout: 15_000 });
    },

    tree: () =>
      page.locator('.pane-body .monaco-list[aria-label*="Runs"], .tree-explorer-viewlet-tree-view').first(),

    row: (text) => window.tree().locator('.monaco-list-row', { hasText: text }).first(),

    status: () => page.locator('.statusbar-item[id*="tandem.run"]').first(),

    /** The panel's document: two frames deep. */
    panel: () => page.frameLocator('iframe.webview.ready').last().frameLocator('iframe#active-frame'),

    toast: (text) => page.locator('.notifications-toasts .notification-toast', { hasText: text }).first(),

    /** Replaces a word that is seen in the editor. */
    async replaceWord(word, by) {
      await page.locator('.view-line span', { hasText: word }).last().dblclick();
      await page.keyboard.type(by);
      await page.keyboard.press('Escape');
    },

    /** Shows the light, dark or high-contrast theme, as a system that has these colours; with the setting `window.autoDetectColorScheme`. */
    async wear(theme) {
      await page.emulateMedia({
        colorScheme: theme === 'light' ? 'light' : 'dark',
        forcedColors: theme === 'contrast' ? 'active' : 'none',
      });
      const mark = { light: '.vs', dark: '.vs-dark', contrast: '.hc-black' }[theme];
      await page.locator(`.monaco-workbench${mark}`).waitFor({ timeout: 30_000 });
    },

    editorText: () => page.locator('.monaco-editor .view-lines').first().innerText(),

    async picture(name) {
      mkdirSync(shots, { recursive: true });
      taken++;
      const file = join(shots, `${String(taken).padStart(2, '0')}-${name}.png`);
      await page.screenshot({ path: file });
      return file;
    },
  };
  return window;
}
