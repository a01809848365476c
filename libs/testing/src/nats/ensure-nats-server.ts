import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackDebianPackage } from '../debian-package.js';
import { findProgram } from '../find-program.js';

const HOW_TO_GET_IT =
  'nats-server was not found: put it on the PATH or its path into NATS_SERVER (https://github.com/nats-io/nats-server/releases, `brew install nats-server`, `apt install nats-server`)';

/**
 * The path of a `nats-server` program: `NATS_SERVER` names it, or it is on the PATH, or Debian's package is unpacked into
 * the cache, without root.
 * @throws Error with one sentence that says how to get it
 */
export async function ensureNatsServer(): Promise<string> {
  const named = process.env['NATS_SERVER'];
  if (named !== undefined && named !== '') return existing(named);
  const installed = await findProgram('nats-server', ['/usr/sbin', '/usr/local/bin']);
  if (installed !== undefined) return installed;
  try {
    return join(await unpackDebianPackage(['nats-server']), 'usr/sbin/nats-server');
  } catch (cause) {
    throw new Error(HOW_TO_GET_IT, { cause });
  }
}

async function existing(program: string): Promise<string> {
  try {
    await access(program, constants.X_OK);
    return program;
  } catch (cause) {
    throw new Error(`NATS_SERVER names ${program}, which cannot be run: correct it, or leave it out.`, { cause });
  }
}
