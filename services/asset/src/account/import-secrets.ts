import { randomUUID } from 'node:crypto';
import type { HostId, ImportSecretsV1, ReplyOf, UserId } from '@sallyport/contracts';
import { AccountId, AccountImported, DescribeSecretV1 } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher, Bus } from '@sallyport/messaging';
import type { Hosts, StoredHost } from '../host/hosts.js';
import { requireHost } from '../host/require-host.js';
import type { Transaction } from '../transaction/transaction.js';
import type { DescribedSecret } from './account.js';
import { accountFrom } from './account.js';
import type { Accounts } from './accounts.js';

type Result = ReplyOf<typeof ImportSecretsV1>['results'][number];
type Lookup = { secretName: string; secret: DescribedSecret } | { secretName: string; error: DomainError };

/** Looks at so many secrets at once; KMS counts requests of the whole cloud account. */
const AT_ONCE = 5;

/** Makes accounts of a host from ECS secrets that belong to its instance. */
export class ImportSecrets {
  constructor(
    private readonly transaction: Transaction,
    private readonly hosts: Hosts,
    private readonly accounts: Accounts,
    private readonly bus: Bus,
    private readonly audit: AuditPublisher,
  ) {}

  /**
   * A result for each name, in the order they were given.
   * @throws DomainError `host.not-found`, `audit.unavailable`; a `kms.*` code when KMS let us look at none of them
   */
  async run(actorId: UserId, hostId: HostId, secretNames: readonly string[]): Promise<Result[]> {
    const host = await requireHost(this.hosts, hostId);
    const lookups = await this.#describeAll(host.regionId, [...new Set(secretNames)]);
    const failures = lookups.flatMap((lookup) => ('error' in lookup && isUnexpected(lookup.error) ? lookup.error : []));
    if (failures[0] && failures.length === lookups.length) throw failures[0];
    const results: Result[] = [];
    for (const lookup of lookups) results.push(await this.#import(actorId, host, lookup));
    return results;
  }

  async #import(actorId: UserId, host: StoredHost, lookup: Lookup): Promise<Result> {
    const { secretName } = lookup;
    if ('error' in lookup) return { secretName, code: codeOf(lookup.error), message: lookup.error.message };
    const made = accountFrom(host, lookup.secret);
    if (made?.secretName !== secretName)
      return { secretName, code: 'INVALID_ARGUMENT', message: 'it is not an ECS secret of the instance of this host' };
    const secretState = 'ok' as const;
    const account = { id: AccountId.parse(randomUUID()), hostId: host.id, ...made, secretState };
    return this.transaction.run(async () => {
      // It may have been deleted meanwhile.
      await requireHost(this.hosts, host.id, 'forUpdate');
      if (!(await this.accounts.add(account))) {
        const known = (await this.accounts.of(host.id)).find((other) => other.secretName === secretName);
        return { secretName, code: 'OBJECT_ALREADY_EXISTS', ...(known ? { accountId: known.id } : {}) };
      }
      const { id: accountId, hostId, userName, kind } = account;
      await this.audit.publish(AccountImported, { actorId, accountId, hostId, secretName, userName, kind });
      return { secretName, code: 'OK', accountId };
    });
  }

  async #describeAll(regionId: string, names: string[]): Promise<Lookup[]> {
    const lookups: Lookup[] = [];
    for (let start = 0; start < names.length; start += AT_ONCE)
      lookups.push(
        ...(await Promise.all(names.slice(start, start + AT_ONCE).map((name) => this.#describe(regionId, name)))),
      );
    return lookups;
  }

  async #describe(regionId: string, secretName: string): Promise<Lookup> {
    try {
      return { secretName, secret: await this.bus.request(DescribeSecretV1, { regionId, name: secretName }) };
    } catch (error) {
      if (error instanceof DomainError) return { secretName, error };
      throw error;
    }
  }
}

function codeOf(error: DomainError): Result['code'] {
  switch (error.code) {
    case 'secret.not-found':
    case 'secret.deleted':
      return 'OBJECT_NOT_FOUND';
    case 'secret.malformed':
    case 'request.invalid':
      return 'INVALID_ARGUMENT';
    default:
      return 'UNEXPECTED';
  }
}

const isUnexpected = (error: DomainError): boolean => codeOf(error) === 'UNEXPECTED';
