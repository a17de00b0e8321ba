import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planRuns } from '../../src/launcher/plan.ts';
import { root } from './programs.ts';
import { projectFolder } from './runs.ts';

test('a thousand settings are planned in less than a second', async () => {
  const folder = projectFolder();
  cpSync(join(root, 'test/cases/pairs'), join(folder, 'pairs'), { recursive: true });
  const file = join(folder, 'many.tandem.yaml');
  writeFileSync(
    file,
    `data: { pairs: pairs/good.csv, val_fraction: 0.25 }
train: { batch_size: 4, epochs: 81 }
sweep:
  random: { count: 1000 }
  optimizer.learning_rate.image: { log_uniform: [1e-5, 1e-2] }
  optimizer.learning_rate.text: { log_uniform: [1e-5, 1e-2] }
  stop_early: { min: 1 epoch }
`,
  );
  await planRuns(file); // reads the modules' code and the pairs once
  const began = process.cpuUsage();
  const plan = await planRuns(file);
  const { user, system } = process.cpuUsage(began);
  expect(plan.runs).toHaveLength(1000);
  expect(plan.runs[999]!.sweep).toMatchObject({ index: 999, count: 1000, stop_early: { reduction: 3 } });
  // The time of the processor, since the machine may be busy.
  expect((user + system) / 1e6).toBeLessThan(1);
});
