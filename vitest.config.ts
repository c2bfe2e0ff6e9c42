import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { PATIENCE_MS } from './test/support/patience.ts';

// As Node does: the default export of a CommonJS module is all that it exports.
const settings = { testTimeout: PATIENCE_MS, hookTimeout: PATIENCE_MS, deps: { interopDefault: false } };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          // Pure functions and in-memory clusters leave nothing behind: they share a worker, which takes longer to start than most of them run.
          name: 'core',
          include: ['core/**/*.test.ts', 'ui/source/**/*.test.ts'],
          isolate: false,
          ...settings,
        },
      },
      {
        test: {
          // Processes, files, servers and hours of virtual time: a worker each.
          name: 'hosts',
          include: ['functions/**/*.test.ts', 'local/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts'],
          // What suites in examples/ have from the package.
          alias: { 'logplane/testing': path.resolve(import.meta.dirname, 'local/testing/testing.ts') },
          ...settings,
        },
      },
    ],
  },
});
