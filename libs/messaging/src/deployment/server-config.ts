import { serviceNames, type ServiceName } from '@sallyport/contracts';
import { permissionsOf, subscriberPermissions } from './permissions.js';

/** Public nkeys (`U…`) of all who may connect. */
export interface NatsIdentities {
  services: Record<ServiceName, string>;
  /** Makes the streams; may do everything in the account. No service has it. */
  operator: string;
  /** Reads audit events, and nothing else. */
  subscriber: string;
  /** nats-server's own system account. */
  system: string;
}

/**
 * Accounts, users and permissions, as text to add to a nats-server's configuration. Where it listens and stores, and TLS,
 * are the deployment's to say.
 */
export function natsAccountsConfig(identities: NatsIdentities): string {
  const users = [
    { nkey: identities.operator },
    { nkey: identities.subscriber, permissions: subscriberPermissions() },
    ...serviceNames.map((name) => ({ nkey: identities.services[name], permissions: permissionsOf(name) })),
  ];
  const accounts = {
    SALLYPORT: { jetstream: 'enabled', users },
    SYS: { users: [{ nkey: identities.system }] },
  };
  return `system_account: SYS\naccounts: ${JSON.stringify(accounts, null, 2)}\n`;
}
