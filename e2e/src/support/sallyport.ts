import { join } from 'node:path';
import { RestClient, ssh, type RunResult, type SshOptions } from '@sallyport/testing';
import { inject } from 'vitest';
import { z } from 'zod';
import { readState } from './start-sallyport.js';

const Person = z.object({ username: z.string(), password: z.string() });
/** `.sallyport/local.json`, design section 7: the public contract of `npm start`. */
const LocalFile = z.object({
  ssh: z.object({ host: z.string(), port: z.int() }),
  api: z.url(),
  nats: z.object({ url: z.string(), subscriber: z.object({ seed: z.string() }) }),
  kms: z.object({
    endpoint: z.string(),
    regionId: z.string(),
    accessKeyId: z.string(),
    accessKeySecret: z.string(),
  }),
  audit: z.object({ verifierKey: z.string(), witnessFile: z.string() }),
  users: z.object({ admin: Person, auditor: Person, alice: Person.extend({ privateKeyFile: z.string() }) }),
  instances: z.array(z.object({ instanceId: z.string(), name: z.string(), regionId: z.string() })).min(2),
});

/** The Sallyport that all stories share. */
export const home = inject('home');
export const local = LocalFile.parse(JSON.parse(readState(home, 'local.json')));
export const anonymous = new RestClient(local.api);

export const signInAs = (name: 'admin' | 'auditor' | 'alice'): Promise<RestClient> =>
  anonymous.signIn(local.users[name].username, local.users[name].password);

/** OpenSSH to the bastion as alice, with her key unless told otherwise. `user` is the whole SSH user name. */
export function sshAs(user: string, options: Partial<SshOptions> = {}): Promise<RunResult> {
  const { host, port } = local.ssh;
  const key = 'password' in options ? {} : { privateKeyFile: local.users.alice.privateKeyFile };
  return ssh({ destination: `${user}@${host}`, port, ...key, ...options });
}

/** The emulator's admin calls (see its README): what a test does to the cloud behind Sallyport's back. */
export async function emulator<T = unknown>(method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object): Promise<T> {
  const response = await fetch(`http://${local.kms.endpoint}/__emulator/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${readState(home, 'secrets', 'emulator-admin-token')}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    body: body ? JSON.stringify(body) : null,
  });
  if (!response.ok) throw new Error(`emulator ${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

export const logFile = (name: string): string => join(home, 'logs', `${name}.log`);
