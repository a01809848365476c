import { defineConfig } from 'vitest/config';
import { reporters } from './reports.js';

/** Unit tests: beside the code, no other process. */
export default defineConfig({
  test: {
    include: ['src/**/*.spec.ts'],
    exclude: ['**/*.int.spec.ts', 'dist/**', 'node_modules/**'],
    passWithNoTests: true,
    testTimeout: 20_000,
    reporters: reporters('unit'),
  },
});
