import { createUser, fromSeed } from '@nats-io/nkeys';
import { serviceNames, type ServiceName } from '@sallyport/contracts';
import type { NatsIdentities } from './server-config.js';

export type IdentityName = ServiceName | 'operator' | 'subscriber' | 'system';
export const identityNames: readonly IdentityName[] = [...serviceNames, 'operator', 'subscriber', 'system'];

/** A new nkey: `seed` (`SU…`) is secret, `publicKey` (`U…`) goes into the server's configuration. */
export function newNkey(): { seed: string; publicKey: string } {
  const pair = createUser();
  return { seed: new TextDecoder().decode(pair.getSeed()), publicKey: pair.getPublicKey() };
}

/** The public half of an nkey. @throws Error when it is not a seed */
export function publicKeyOf(seed: string): string {
  return fromSeed(new TextEncoder().encode(seed)).getPublicKey();
}

/** The public halves, in the shape that the configuration wants. */
export function identitiesFrom(publicKeys: Record<IdentityName, string>): NatsIdentities {
  const { operator, subscriber, system } = publicKeys;
  const services = Object.fromEntries(serviceNames.map((name) => [name, publicKeys[name]])) as Record<
    ServiceName,
    string
  >;
  return { services, operator, subscriber, system };
}
