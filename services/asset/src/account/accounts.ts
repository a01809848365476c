import type { AccountId, HostAccount, HostId } from '@sallyport/contracts';

/** An account of a host: where its credential is found in KMS. Nothing secret is stored. */
export interface StoredAccount extends HostAccount {
  regionId: string;
}

/** Port: the accounts of hosts. */
export abstract class Accounts {
  /** False when the secret is an account of the host already, and nothing was added. */
  abstract add(account: StoredAccount): Promise<boolean>;
  /** In the order of user name and secret name. */
  abstract of(...hostIds: HostId[]): Promise<StoredAccount[]>;
  /** The account that is gone now, out of all authorizations too; undefined when the host had none of this id. */
  abstract remove(hostId: HostId, id: AccountId): Promise<StoredAccount | undefined>;
}
