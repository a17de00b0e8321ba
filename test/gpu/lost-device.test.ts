// A run whose device is lost while it trains: the driver says so as one does that was reset.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkpointSteps } from '../../src/store/checkpoints.ts';
import { readRunFile, statusOf } from '../../src/store/run-folder.ts';
import { needs } from '../needs.ts';
import { smallProject } from '../trainer/small-run.ts';
import { hasSoftwareDriver, losingDriver } from './software-driver.ts';

const trainer = fileURLToPath(new URL('../../dist/trainer.js', import.meta.url));

describe.runIf(
  needs(hasSoftwareDriver && existsSync('/usr/bin/gcc'), 'a software driver for Vulkan, and gcc'),
)('a device that is lost', () => {
  it('ends the run, which keeps its checkpoint, says so and goes on when it is resumed', async () => {
    const project = await smallProject(40);
    try {
      const config = project.config((wished) => {
        wished.train.provider = 'webgpu';
        wished.train.steps = 400;
        wished.eval.every = 400;
        wished.checkpoint.every = 1;
      });
      const dir = await project.createRun(config);
      const train = (env: Record<string, string>): string => {
        const { stdout, stderr } = spawnSync(process.execPath, [trainer, dir], {
          env: { ...process.env, ...env },
          encoding: 'utf8',
          timeout: 240_000,
        });
        return stdout + stderr;
      };
      const losing = losingDriver(800);
      const said = train(losing);
      const file = await readRunFile(dir);
      expect(statusOf(file), said).toBe('failed');
      const last = Math.max(...(await checkpointSteps(dir)));
      expect(last).toBeGreaterThan(0);
      expect(file.reason).toMatch(/^The graphics device does not answer any more/);
      expect(file.reason).toContain(`The checkpoint of step ${last} is kept: resume the run`);

      // Resumed, it comes further before the device is lost again.
      train(losing);
      expect(Math.max(...(await checkpointSteps(dir)))).toBeGreaterThan(last);
    } finally {
      await project.remove();
    }
  }, 480_000);
});
