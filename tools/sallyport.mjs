#!/usr/bin/env node
// @ts-check
// `npx sallyport verify`: needs no running Sallyport, and no network. Ends with 0 when all is well, 1 when something was
// tampered with, 2 when it was called wrongly.

const [command, ...args] = process.argv.slice(2);
const { Tampered, usage, UsageError, verify } = await import(new URL('dist/verify/verify.js', import.meta.url).href);

try {
  if (command !== 'verify') throw new UsageError('there is one command: verify');
  process.stdout.write(`verified: ${await verify(args)}\n`);
} catch (error) {
  const tampered = error instanceof Tampered;
  const { message } = /** @type {Error} */ (error);
  process.stderr.write(tampered ? `TAMPERED: ${message}\n` : `${message}\n\n${usage}`);
  process.exitCode = tampered ? 1 : 2;
}
