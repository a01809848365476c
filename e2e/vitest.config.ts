import { defineConfig } from 'vitest/config';
import { reporters } from '../tools/vitest/reports.js';

/** One running Sallyport for all stories; they run one after the other, since two cores are all there is. */
export default defineConfig({
  test: {
    include: ['src/**/*.e2e.spec.ts'],
    globalSetup: ['src/support/start-sallyport.ts'],
    // What a test waits for has limits of its own; these only end one that hangs, on a slow machine that is busy besides.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // To stop a Sallyport.
    teardownTimeout: 150_000,
    fileParallelism: false,
    reporters: reporters('e2e'),
  },
});
