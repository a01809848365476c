import fc from 'fast-check';

/** Set up by `npm run fuzz`, before each test file: how often each property is tried, and from which seed. */
const numRuns = Number(process.env['SALLYPORT_TEST_FUZZ_RUNS']);
const seed = Number(process.env['SALLYPORT_TEST_FUZZ_SEED']);
fc.configureGlobal({ numRuns, seed, verbose: fc.VerbosityLevel.None });
