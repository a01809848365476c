import type { ListKmsKeysV1, ReplyOf } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { KmsAdministration } from '../kms/kms-administration.js';

export interface KeysWanted {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly kmsInstanceId?: string | undefined;
}

/**
 * Keys to encrypt secrets with, a page of KMS at a time: ListKeys names them, and DescribeKey tells what each is. That KMS leaves
 * out other KMS instances when it is asked to is not relied upon.
 * @throws DomainError `request.invalid` a cursor that is none of ours; `kms.*`
 */
export class ListKeys {
  constructor(private readonly administration: KmsAdministration) {}

  async run(regionId: string, { limit, cursor, kmsInstanceId }: KeysWanted): Promise<ReplyOf<typeof ListKmsKeysV1>> {
    const number = pageOf(cursor);
    const page = { number, size: limit, ...(kmsInstanceId !== undefined && { kmsInstanceId }) };
    const { keyIds, totalCount } = await this.administration.listKeys(regionId, page);
    const keys = await Promise.all(keyIds.map((keyId) => this.administration.describeKey(regionId, keyId)));
    const items = keys.filter((key) => kmsInstanceId === undefined || key.kmsInstanceId === kmsInstanceId);
    return { items, ...(number * limit < totalCount && { nextCursor: String(number + 1) }) };
  }
}

function pageOf(cursor = '1'): number {
  if (/^[1-9]\d{0,5}$/.test(cursor)) return Number(cursor);
  throw new DomainError('request.invalid', 'cursor: not one of an earlier answer');
}
