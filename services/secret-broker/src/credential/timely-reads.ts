import type { Kms, SecretAddress, SecretValue, Stage } from '../kms/kms.js';
import { toKmsError } from '../kms/kms-error.js';

/** What is left of a request's deadline for all but KMS: the way there and back, and the event. */
const REST_MS = 1_500;

/**
 * What one request reads from KMS, and what it waits between, within the deadline of who asked. Each call to KMS has patience of
 * its own, but several slow ones add up, and who has given up learns of no reason.
 */
export class TimelyReads {
  readonly #endsAtMs: number;

  /** Time runs from here. @param deadlineMs of the contract */
  constructor(
    private readonly kms: Kms,
    deadlineMs: number,
  ) {
    this.#endsAtMs = performance.now() + deadlineMs - REST_MS;
  }

  /** @throws KmsError `kms.timeout` there is no answer in time; as `Kms.readValue` otherwise */
  async read(address: SecretAddress, stage: Stage): Promise<SecretValue> {
    return (await this.readInTime(address, stage)) ?? outOfTime();
  }

  /** Undefined when there is no answer in time. @throws as `Kms.readValue` */
  async readInTime(address: SecretAddress, stage: Stage): Promise<SecretValue | undefined> {
    const leftMs = this.#endsAtMs - performance.now();
    if (leftMs <= 0) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        resolve(undefined);
      }, leftMs);
    });
    try {
      return await Promise.race([this.kms.readValue(address, stage), over]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** @throws KmsError `kms.timeout` */
export function outOfTime(): never {
  throw toKmsError('GetSecretValue', { kmsCode: 'ETIMEDOUT', answered: false, httpStatus: 0 });
}
