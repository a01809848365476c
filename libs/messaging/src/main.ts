/**
 * Runs a process's main function: a start that fails says why in one line on standard error and ends with code 1.
 * Everything that must not be shown is kept out of messages at its source.
 */
export function main(start: () => Promise<void>): void {
  start().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
