import type { EcsInstance } from '@sallyport/contracts';

/** Tag of an instance that says where its SSH server listens. */
export const SSH_PORT_TAG = 'sallyport:ssh-port';
export const DEFAULT_SSH_PORT = 22;

/** An instance as the cloud describes it; `address` is empty when it has none. */
export type CloudInstance = EcsInstance;

/** The port that the tag names; 22 without a tag, or with one that is no port. */
export function sshPort(tags: readonly { key: string; value: string }[]): number {
  const value = tags.find((tag) => tag.key === SSH_PORT_TAG)?.value ?? '';
  const port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  return port >= 1 && port <= 65_535 ? port : DEFAULT_SSH_PORT;
}
