// @ts-check
// What a person sees while the commands work: one line a step, one sentence when something is wrong. Runs before
// anything is installed, so it is plain JavaScript and imports Node alone.

const out = process.stdout;
/** The title of the step whose line waits for its end. @type {string | undefined} */
let openLine;

/** @param {number} ms */
const inSeconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

function closeLine() {
  if (openLine !== undefined) out.write('\n');
  openLine = undefined;
}

/**
 * Over what the clock has written there, on a terminal.
 * @param {string} title
 */
const startOfLine = (title) => (out.isTTY ? `\r${title} … ` : '');

/**
 * On the line of the step, or one of its own when something was said meanwhile.
 * @param {string} title
 * @param {string} how
 */
function endLine(title, how) {
  if (openLine === title) out.write(`${startOfLine(title)}${how}\n`);
  else say(`${title}: ${how}`);
  openLine = undefined;
}

/**
 * Shows on a terminal that the work goes on: the seconds so far, as whole ones.
 * @param {string} title
 * @param {number} started
 */
function showClock(title, started) {
  if (openLine === title) out.write(`${startOfLine(title)}${Math.round((performance.now() - started) / 1000)} s`);
}

/**
 * A problem that a person can solve: shown as its message alone, without a stack.
 * `details` is what a failed command printed.
 */
export class Failure extends Error {
  /**
   * @param {string} message one sentence
   * @param {{ details?: string, cause?: unknown }} [more]
   */
  constructor(message, { details = '', cause } = {}) {
    super(message, { cause });
    this.name = 'Failure';
    this.details = details;
  }
}

/**
 * Says what is being done, does it, and says how long it took. Several may go on at once.
 * @template T
 * @param {string} title
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const started = performance.now();
  closeLine();
  out.write(`${title} … `);
  openLine = title;
  const clock = out.isTTY ? setInterval(() => showClock(title, started), 1_000) : undefined;
  try {
    const result = await work();
    endLine(title, inSeconds(performance.now() - started));
    return result;
  } catch (error) {
    endLine(title, 'failed');
    throw error;
  } finally {
    clearInterval(clock);
  }
}

/**
 * A line of its own, also in the middle of a step.
 * @param {string} text
 */
export function say(text) {
  closeLine();
  out.write(`${text}\n`);
}

/**
 * Runs a command's main function; an error becomes one sentence and exit code 1.
 * @param {() => void | Promise<void>} main
 */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    closeLine();
    if (error instanceof Failure) {
      if (error.details) process.stderr.write(`${error.details.trimEnd()}\n`);
      process.stderr.write(`error: ${error.message}\n`);
    } else {
      process.stderr.write(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    }
    process.exitCode = 1;
  }
}
