import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whatever tests and the programs they start put into the system's temporary folder goes with the last test. A short name: sockets lie in it. */
const folder = mkdtempSync(join(tmpdir(), 'tandem-'));
// Some tests are another user's.
chmodSync(folder, 0o755);

export function setup(): void {
  process.env['TMPDIR'] = folder;
}

export function teardown(): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
