import { Controller } from '@nestjs/common';
import type { IdentityClaims, ReplyOf, RequestOf } from '@sallyport/contracts';
import { DeleteAccountV1, ImportSecretsV1, ListAccountsV1, ListImportableSecretsV1 } from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { ImportSecrets } from './import-secrets.js';
import { ListImportableSecrets } from './list-importable-secrets.js';
import { ManageAccounts } from './manage-accounts.js';

@Controller()
export class AccountController {
  constructor(
    private readonly listImportableSecrets: ListImportableSecrets,
    private readonly importSecrets: ImportSecrets,
    private readonly manageAccounts: ManageAccounts,
  ) {}

  @Handles(ListImportableSecretsV1)
  listImportable(
    @Input(ListImportableSecretsV1) q: RequestOf<typeof ListImportableSecretsV1>,
  ): Promise<ReplyOf<typeof ListImportableSecretsV1>> {
    return this.listImportableSecrets.run(q.hostId, q.keyword);
  }

  @Handles(ImportSecretsV1)
  async import(
    @Input(ImportSecretsV1) q: RequestOf<typeof ImportSecretsV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof ImportSecretsV1>> {
    return { results: await this.importSecrets.run(actor.userId, q.hostId, q.secretNames) };
  }

  @Handles(ListAccountsV1)
  async list(@Input(ListAccountsV1) q: RequestOf<typeof ListAccountsV1>): Promise<ReplyOf<typeof ListAccountsV1>> {
    return { items: await this.manageAccounts.list(q.hostId) };
  }

  @Handles(DeleteAccountV1)
  async delete(
    @Input(DeleteAccountV1) q: RequestOf<typeof DeleteAccountV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof DeleteAccountV1>> {
    await this.manageAccounts.delete(actor.userId, q.hostId, q.accountId);
    return {};
  }
}
