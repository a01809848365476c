import { afterEach } from 'vitest';
import { connectTarget, startShellServer } from './shell-server.fake.js';
import type { ShellServerOptions } from './shell-server.fake.js';
import type { SshTarget, SshTargetOptions } from './upstream.js';
import type { Credential, NextCredential } from './user-auth/request-user-auth.js';

export const password = (text: string): Credential => ({ method: 'password', password: Buffer.from(text) });

/** Gives up after the first refusal. */
export const once =
  (credential: Credential): NextCredential =>
  (refusal) =>
    Promise.resolve(refusal ? undefined : credential);

/** Our server and our client in one process; what a test opens ends with it. */
export function loopback() {
  const cleanup: (() => void)[] = [];
  afterEach(() => {
    for (const stop of cleanup.splice(0)) stop();
  });
  return {
    /** @returns the port */
    serve: async (options: ShellServerOptions = {}): Promise<number> => {
      const server = await startShellServer(options);
      cleanup.push(() => {
        server.stop();
      });
      return server.port;
    },
    /** As `alice`, with a password. */
    logOn: async (port: number, options: Partial<SshTargetOptions> = {}): Promise<SshTarget> => {
      const target = await connectTarget(port, options);
      cleanup.push(() => {
        target.disconnect(11, 'the test is over');
      });
      await target.authenticate('alice', once(password('x')));
      return target;
    },
  };
}
