import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunConfig } from '../../../src/experiment/config.ts';
import { HumanError } from '../../../src/protocol/human-error.ts';
import { removeEarlierClaims, takeClaim } from '../../../src/store/claim-files.ts';
import { claimRun, createRun } from '../../../src/store/run-folder.ts';
import { ownProcess } from '../../../src/store/process-identity.ts';

/** One of several that start at once on one folder of runs: makes runs, then claims the shared one and takes turns. */
const [runsDir, shared, startAt, turns] = process.argv.slice(2) as [string, string, string, string];
await sleep(Number(startAt) - Date.now());
const made: string[] = [];
for (let index = 0; index < 10; index++)
  made.push(
    await createRun(runsDir, {
      experiment: 'x',
      source: '',
      config: { name: 'x', train: { steps: 1 } } as RunConfig,
      experimentPath: 'x.tandem.yaml',
      created: 5000,
    }),
  );
const won = await claimRun(shared).then(
  () => true,
  (error: unknown) => {
    if (error instanceof HumanError && error.code === 'run_busy') return false;
    throw error;
  },
);
let mine = 0;
while (mine < Number(turns)) {
  const taken = await takeClaim(join(runsDir, '.turns'), ownProcess(), {
    isHeld: () => Promise.resolve(true),
    renewMs: 1000,
  });
  if (!('claim' in taken)) {
    await sleep(Math.random() * 3);
    continue;
  }
  await removeEarlierClaims(join(runsDir, '.turns'), taken.claim);
  appendFileSync(join(runsDir, '.turns.log'), `in ${process.pid}\n`);
  await sleep(Math.random() * 2);
  appendFileSync(join(runsDir, '.turns.log'), `out ${process.pid}\n`);
  await taken.claim.release();
  mine++;
}
process.send!({ made, won });
// Whoever holds the shared run lives until all have asked for it.
await once(process, 'message');
process.disconnect();
