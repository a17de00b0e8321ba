// Several runs in a real VS Code, from the installed .vsix: a sweep, the table of runs, two compared, one that learnt nothing, room on
// disk, a folder inside a project; light, dark and with high contrast, wide and narrow.   node test/e2e/dashboard.mjs [FILE.vsix]
// Pictures lie in .e2e/shots/dashboard. Ends with 1 when a stage does not come in its time.
import {
  compareTwo,
  deadModel,
  findInTable,
  freeRoom,
  insideProject,
  repeatRun,
  trainSweep,
} from './dashboard-stages.mjs';
import { openExample, play } from './opened.mjs';

await play('dashboard', stages, { 'window.autoDetectColorScheme': true });

async function stages(opened) {
  const { window } = opened;
  await openExample(opened);
  await window.showRuns();
  const sweep = await trainSweep(opened);
  await compareTwo(opened);
  await findInTable(opened, sweep);
  await repeatRun(opened, sweep);
  await deadModel(opened);
  await freeRoom(opened);
  await insideProject(opened);
}
