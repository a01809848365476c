import { defineConfig } from 'vitest/config';

/** Unit tests: beside the code, no other process. */
export default defineConfig({
  test: {
    include: ['src/**/*.spec.ts'],
    exclude: ['**/*.int.spec.ts', 'dist/**', 'node_modules/**'],
    passWithNoTests: true,
    testTimeout: 20_000,
  },
});
