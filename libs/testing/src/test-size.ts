/**
 * How much a test moves or makes: a moderate number unless `SALLYPORT_TEST_<name>` says otherwise, as for the full sizes that
 * take too long for every run.
 */
export function testSize(name: string, usual: number): number {
  const value = Number(process.env[`SALLYPORT_TEST_${name}`] ?? usual);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`SALLYPORT_TEST_${name} must be a number`);
  return value;
}

/** True unless `SALLYPORT_TEST_<name>` is `off`. */
export const testSwitch = (name: string): boolean => process.env[`SALLYPORT_TEST_${name}`] !== 'off';
