import { defineConfig } from 'vitest/config';
import { reporters } from '../tools/vitest/reports.js';

/** One running Sallyport for all stories; they run one after the other, since two cores are all there is. */
export default defineConfig({
  test: {
    include: ['src/**/*.e2e.spec.ts'],
    globalSetup: ['src/support/start-sallyport.ts'],
    testTimeout: 90_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    reporters: reporters('e2e'),
  },
});
