import type { ListKmsKeysV1, ReplyOf } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { KmsAdministration } from '../kms/kms-administration.js';
import { fitting } from './fitting.js';

export interface KeysWanted {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly kmsInstanceId?: string | undefined;
}

/**
 * Keys to encrypt secrets with, as KMS pages them: ListKeys names them, and DescribeKey tells what each is. The cursor is how many
 * keys came before, as long descriptions end a page early. That KMS leaves out other KMS instances when it is asked to is not relied upon.
 * @throws DomainError `request.invalid` a cursor that is none of ours; `kms.*`
 */
export class ListKeys {
  constructor(private readonly administration: KmsAdministration) {}

  async run(regionId: string, { limit, cursor, kmsInstanceId }: KeysWanted): Promise<ReplyOf<typeof ListKmsKeysV1>> {
    const before = cursor === undefined ? 0 : countIn(cursor);
    const number = Math.floor(before / limit) + 1;
    const page = { number, size: limit, ...(kmsInstanceId !== undefined && { kmsInstanceId }) };
    const { keyIds, totalCount } = await this.administration.listKeys(regionId, page);
    const wanted = keyIds.slice(before % limit);
    const keys = await Promise.all(wanted.map((keyId) => this.administration.describeKey(regionId, keyId)));
    const shown = fitting(keys);
    const items = shown.filter((key) => kmsInstanceId === undefined || key.kmsInstanceId === kmsInstanceId);
    const next = shown.length < keys.length ? before + shown.length : number * limit;
    return { items, ...(next < totalCount && { nextCursor: String(next) }) };
  }
}

function countIn(cursor: string): number {
  if (/^[1-9]\d{0,7}$/.test(cursor)) return Number(cursor);
  throw new DomainError('request.invalid', 'cursor: not one of an earlier answer');
}
