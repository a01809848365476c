import { defineConfig } from 'vitest/config';
import { reporters } from './reports.js';

const fuzzing = process.env['SALLYPORT_TEST_FUZZ_RUNS'] !== undefined;

/** Unit tests: beside the code, no other process. */
export default defineConfig({
  test: {
    include: ['src/**/*.spec.ts'],
    exclude: ['**/*.int.spec.ts', 'dist/**', 'node_modules/**'],
    passWithNoTests: true,
    // They share their modules: to load those anew for each file takes three times as long as the tests.
    isolate: false,
    // As for integration tests: a limit is no measure of the machine.
    testTimeout: fuzzing ? 3_600_000 : 120_000,
    hookTimeout: 120_000,
    setupFiles: fuzzing ? [new URL('fuzz.ts', import.meta.url).pathname] : [],
    reporters: reporters('unit'),
  },
});
