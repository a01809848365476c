import { defineConfig } from 'vitest/config';
import { reporters } from './reports.js';

/** Integration tests: real NATS, PostgreSQL and sshd as child processes on free loopback ports. */
export default defineConfig({
  test: {
    include: ['src/**/*.int.spec.ts'],
    exclude: ['dist/**', 'node_modules/**'],
    passWithNoTests: true,
    // They share their modules, as unit tests do.
    isolate: false,
    // A machine may be half as fast as another, and lint goes on beside.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: reporters('int'),
  },
});
