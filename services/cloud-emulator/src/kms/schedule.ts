import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { AccountState } from '../state/state.js';
import type { AccountStore } from '../state/account-store.js';
import type { StateStore } from '../state/state-store.js';
import type { KmsKey } from './key.js';
import { begin } from './rotate-secret.js';
import type { Rotations } from './rotations.js';
import { nextRotationAt } from './secret.js';
import type { SecretRecord } from './secret.js';

const tickMs = 1_000;

/** What happens by itself as time goes on: automatic rotations, and the end of deletion windows. */
export class Schedule {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: StateStore,
    private readonly clock: Clock,
    private readonly rotations: Rotations,
  ) {}

  start(): void {
    this.#timer = setInterval(() => void this.tick().catch(() => undefined), tickMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Does what is due now. */
  async tick(): Promise<void> {
    const now = this.clock.now();
    for (const account of this.store.accounts) {
      await removeKeys(account, now);
      await this.#secrets(account, now);
    }
  }

  async #secrets(account: AccountStore, now: Date): Promise<void> {
    if (!account.current.secrets.some((secret) => isOver(secret, now) || isDue(secret, now))) return;
    const begun = await account.update((state) => {
      const secrets = state.secrets
        .filter((secret) => !isOver(secret, now))
        .map((secret) => (isDue(secret, now) ? begin(secret, randomUUID(), now) : secret));
      return { next: { secrets }, result: namesOfBegun(state, secrets) };
    });
    for (const name of begun) this.rotations.start(account, name);
  }
}

/** Keys whose deletion window is over. What they protect cannot be read any more. */
async function removeKeys(account: AccountStore, now: Date): Promise<void> {
  const isGone = ({ deletedAt }: KmsKey): boolean => deletedAt !== undefined && new Date(deletedAt) <= now;
  if (!account.current.keys.some(isGone)) return;
  await account.update(({ keys }) => ({ next: { keys: keys.filter((key) => !isGone(key)) }, result: undefined }));
}

function isOver({ plannedDeleteAt }: SecretRecord, now: Date): boolean {
  return plannedDeleteAt !== undefined && new Date(plannedDeleteAt) <= now;
}

function isDue(secret: SecretRecord, now: Date): boolean {
  const next = nextRotationAt(secret);
  return next !== undefined && next <= now && !secret.rotation.pending && secret.plannedDeleteAt === undefined;
}

function namesOfBegun({ secrets: before }: Readonly<AccountState>, after: readonly SecretRecord[]): string[] {
  return after.filter((secret) => secret.rotation.pending && !before.includes(secret)).map(({ name }) => name);
}
