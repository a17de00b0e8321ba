import { defineConfig } from 'vitest/config';
import { sourceForVitest } from './source.mjs';
import { watForVitest } from './wat.mjs';

export default defineConfig({
  plugins: [watForVitest, sourceForVitest],
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    globalSetup: ['test/temporary.ts'],
    setupFiles: ['test/setup.ts'],
    exclude: ['test/e2e/**'],
    // onnxruntime-node and tfjs keep native state: one process per file, as the trainer has.
    pool: 'forks',
    maxWorkers: 2,
    // A bound on a hang, not a measurement: machines that run the suite may be busy.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
