import { z } from 'zod';
import { Sealed } from '../state/key-vault.js';

/** An account of a simulated instance. Its credential is what the instance takes, whatever KMS says. */
export const Account = z.object({
  userName: z.string(),
  password: Sealed.optional(),
  /** The managed line of `authorized_keys`, OpenSSH form. */
  publicKey: z.string().optional(),
  /** Known only until the first rotation: an instance is told public keys alone. */
  privateKey: Sealed.optional(),
});
export type Account = z.infer<typeof Account>;

/** What a simulated instance keeps: the SSH host keys (private, OpenSSH form, sealed) and its accounts. */
export const Simulation = z.object({
  hostKeys: z.array(z.object({ fingerprint: z.string(), privateKey: Sealed })),
  accounts: z.array(Account),
});
export type Simulation = z.infer<typeof Simulation>;

/** An ECS instance: a simulated one, or another machine that was registered by the admin API. */
export const Instance = z.object({
  instanceId: z.string(),
  name: z.string(),
  regionId: z.string(),
  address: z.string(),
  /** Where SSH listens; shown as the tag `sallyport:ssh-port`. 0 until a simulated instance has chosen one. */
  port: z.int().min(0).max(65_535),
  osType: z.enum(['linux', 'windows']),
  status: z.enum(['Pending', 'Running', 'Starting', 'Stopping', 'Stopped']),
  tags: z.array(z.object({ key: z.string(), value: z.string() })),
  createdAt: z.string(),
  simulation: Simulation.optional(),
  /** What stands in for Cloud Assistant on this instance; see assistant/command-assistant.ts. */
  assistant: z.object({ command: z.array(z.string()).min(1) }).optional(),
});
export type Instance = z.infer<typeof Instance>;

/** Replaces the instance of the same id, or adds it at the end. */
export function withInstance(instances: readonly Instance[], changed: Instance): Instance[] {
  const known = instances.some(({ instanceId }) => instanceId === changed.instanceId);
  if (!known) return [...instances, changed];
  return instances.map((one) => (one.instanceId === changed.instanceId ? changed : one));
}

/** What a sealed value of an account is bound to. */
export function accountContext(instanceId: string, userName: string, member: 'password' | 'privateKey'): string {
  return `instance/${instanceId}/account/${userName}/${member}`;
}

/** What a sealed host key is bound to. */
export function hostKeyContext(instanceId: string, fingerprint: string): string {
  return `instance/${instanceId}/host-key/${fingerprint}`;
}
