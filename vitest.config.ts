import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: ['test/e2e/**'],
    // onnxruntime-node and tfjs keep native state: one process per file, as the trainer has.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
  },
});
