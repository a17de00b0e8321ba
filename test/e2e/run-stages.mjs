// What a person does with runs beside training one: the walkthrough, a queue over a reload, deleting.
import { chooseInMenu } from './menu.mjs';
import { isAlive, until } from './vscode.mjs';

/** Every step of the walkthrough has its picture, and what was done is ticked. */
export async function walkthrough(window, say) {
  const { page } = window;
  await window.command('Welcome: Open Walkthrough...');
  await page.keyboard.type('Train an image-text model');
  await page
    .locator('.quick-input-list .monaco-list-row', { hasText: 'Train an image-text' })
    .first()
    .click();
  const steps = page.locator('.gettingStartedContainer .getting-started-step');
  await steps.first().waitFor({ timeout: 30_000 });
  const count = await steps.count();
  if (count !== 5) throw new Error(`${count} steps in the walkthrough`);
  for (let index = 0; index < count; index++) {
    await steps.nth(index).click();
    await page.waitForTimeout(1_000);
    const picture = page.locator('.getting-started-media img >> visible=true').first();
    await picture.waitFor({ timeout: 15_000 });
    const width = await picture.evaluate((image) => (image.complete ? image.naturalWidth : 0));
    if (!width) throw new Error(`step ${index + 1} of the walkthrough has no picture`);
    say('walkthrough', await window.picture(`walkthrough-${index + 1}`));
  }
  // VS Code ticks what is done from here on.
  await steps.nth(2).click();
  await steps.nth(2).locator('.monaco-button', { hasText: 'Open Panel' }).click();
  await page.locator('.tab.active', { hasText: 'Tandem: emoji' }).first().waitFor({ timeout: 30_000 });
  await page.locator('.tab', { hasText: 'Walkthrough' }).first().click();
  await steps.nth(2).locator('.codicon-getting-started-step-checked').waitFor({ timeout: 15_000 });
  say('walkthrough: the step that was done is ticked', await window.picture('walkthrough-done'));
  await page.keyboard.press('Control+F4');
}

/** A run that waits in the queue waits on over a reload, and begins when the one before has ended. */
export async function queueOverReload(window, { say, start, runs }) {
  const { page } = window;
  const first = await start();
  await page.locator('.tab', { hasText: 'emoji.tandem.yaml' }).first().click();
  await window.command('Tandem: Start Training');
  const queued = await until(() => runs().find(({ status }) => status === 'queued'), 60_000, 'a queued run');
  await page.reload({ waitUntil: 'domcontentloaded' });
  await window.isReady();
  await window.row('queued').waitFor({ timeout: 60_000 });
  say('queued over a reload', await window.picture('queued'));
  await chooseInMenu(page, window.row(/\d+\/\d+/), 'Stop');
  await until(() => !isAlive(first), 90_000, "the first trainer's end");
  await until(
    () => runs().find(({ id }) => id === queued.id).status === 'running',
    90_000,
    'the start of the queued run',
  );
  await window.row(/\d+\/\d+/).waitFor({ timeout: 60_000 });
  say('the queued run trains', await window.picture('dequeued'));
}

/** Deleting a run that trains asks, ends it, and leaves neither folder nor process. */
export async function deleteRunning(window, { say, runs }) {
  const { page } = window;
  const run = runs().find(({ status }) => status === 'running');
  const dialog = page.locator('.monaco-dialog-box');
  const press = (label) => dialog.locator('.monaco-button', { hasText: label }).first().click();
  for (const isMeant of [false, true]) {
    await chooseInMenu(page, window.row(/\d+\/\d+/), 'Delete Run');
    await dialog.waitFor({ timeout: 15_000 });
    const text = await dialog.innerText();
    if (!text.includes(run.id) || !text.includes('ended first')) throw new Error(`it asks: ${text}`);
    if (!isMeant) {
      say('delete asks', await window.picture('delete'));
      await press('Cancel');
      await dialog.waitFor({ state: 'hidden', timeout: 15_000 });
      if (!isAlive(run.process.pid)) throw new Error('Cancel ended the trainer');
    }
  }
  await press('Move to Trash');
  // A window in the browser has no trash.
  await dialog.filter({ hasText: 'There is no trash' }).waitFor({ timeout: 30_000 });
  await press('Delete Permanently');
  await until(() => !isAlive(run.process.pid), 15_000, "the deleted run's process to end");
  await until(() => !runs().some(({ id }) => id === run.id), 15_000, "the deleted run's folder to go");
  await until(async () => !(await window.row(/\d+\/\d+/).isVisible()), 15_000, 'its row to go');
  say('deleted', await window.picture('deleted'));
}
