import type { AccountId, GroupId, HostAccount, HostId, SecretState } from '@sallyport/contracts';

/** An account of a host: where its credential is found in KMS. Nothing secret is stored. */
export interface StoredAccount extends Omit<HostAccount, 'secret'> {
  regionId: string;
  /** How the secret stood in KMS when it was looked at last; `unknown` until the first time. */
  secretState: SecretState;
}

/** Port: the accounts of hosts. */
export abstract class Accounts {
  /** False when the secret is an account of the host already, and nothing was added. */
  abstract add(account: StoredAccount): Promise<boolean>;
  /** In the order of user name and secret name. */
  abstract of(...hostIds: HostId[]): Promise<StoredAccount[]>;
  /** Those of all hosts in a group. */
  abstract inGroup(hostGroupId: GroupId): Promise<StoredAccount[]>;
  /** At most `limit` accounts with a greater id than `id`, in the order of ids. */
  abstract after(id: AccountId | undefined, limit: number): Promise<StoredAccount[]>;
  /** False when the account is gone, or its secret's state was not `before`: then nothing was changed. */
  abstract setSecretState(id: AccountId, before: SecretState, after: SecretState): Promise<boolean>;
  /** The account that is gone now, out of all authorizations too; undefined when the host had none of this id. */
  abstract remove(hostId: HostId, id: AccountId): Promise<StoredAccount | undefined>;
}
