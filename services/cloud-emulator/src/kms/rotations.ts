import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { CloudAssistant, CredentialChange } from '../assistant/cloud-assistant.js';
import type { Clock } from '../clock.js';
import { log } from '../log.js';
import type { RuleBook, Rules } from '../rules.js';
import type { KeyVault } from '../state/key-vault.js';
import type { AccountStore } from '../state/account-store.js';
import type { StateStore } from '../state/state-store.js';
import { withSecret } from './find-secret.js';
import { refuseUnusableKeyOf } from './find-key.js';
import { newPassword, newSshKeyPair } from './new-credential.js';
import { withEvent } from './rotation-events.js';
import { usualBehaviour } from './rotation-behaviour.js';
import type { RotationBehaviour } from './rotation-behaviour.js';
import { complete, fail, promote } from './rotation-steps.js';
import { parseSecretData } from './secret-data.js';
import { valueContext, versionAt } from './secret.js';
import type { SecretRecord } from './secret.js';

const stopGraceMs = 2_000;

/**
 * Carries out rotations in the background, reference section 3.2. Each step is on disk before the next begins, so that
 * a rotation cut off by a crash is taken up again at the next start, with the same new value.
 */
export class Rotations {
  #behaviour = usualBehaviour;
  readonly #running = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(
    private readonly store: StateStore,
    private readonly vault: KeyVault,
    private readonly clock: Clock,
    private readonly rules: RuleBook,
    private readonly assistant: CloudAssistant,
  ) {}

  get behaviour(): RotationBehaviour {
    return this.#behaviour;
  }

  /** How the rotations that start from now on go. */
  behave(behaviour: RotationBehaviour): void {
    this.#behaviour = behaviour;
  }

  /** Begins, or takes up again, the pending rotation of a secret. Returns at once; never throws. */
  start(account: AccountStore, secretName: string): void {
    const place = `${account.accountId} ${secretName}`;
    const before = this.#running.get(place) ?? Promise.resolve();
    const over = before
      .then(() => this.#run(account, secretName, this.#behaviour))
      .finally(() => {
        if (this.#running.get(place) === over) this.#running.delete(place);
      });
    this.#running.set(place, over);
  }

  /** Takes up what was pending when the emulator was last stopped. */
  resume(): void {
    for (const account of this.store.accounts) {
      for (const { name, rotation } of account.current.secrets) if (rotation.pending) this.start(account, name);
    }
  }

  /** Ends the waiting ones and gives the others a moment; what is not over stays pending for the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const graceOver = wait(stopGraceMs, undefined, { ref: false });
    await Promise.race([Promise.all(this.#running.values()), graceOver]);
  }

  async #run(account: AccountStore, name: string, behaviour: RotationBehaviour): Promise<void> {
    const isPending = account.current.secrets.some((one) => one.name === name && one.rotation.pending);
    if (!isPending) return;
    try {
      await this.#pause(behaviour.delayMs);
      await this.#steps(account, name, behaviour);
      log('rotation.succeeded', { secretName: name });
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const reason = error instanceof Error ? error.message : 'unknown';
      log('rotation.failed', { secretName: name, reason });
      await this.#end(account, name, (secret) => fail(secret, this.#now()), reason).catch(() => undefined);
    }
  }

  async #steps(account: AccountStore, name: string, { order, gapMs, fail: failing }: RotationBehaviour): Promise<void> {
    if (failing === 'before') throw new Error('told to fail before the host changed');
    const change = await this.#prepare(account, name);
    if (order === 'kms-first') {
      await this.#change(account, name, (secret) => promote(secret, this.#now()));
      await this.#pause(gapMs);
    }
    const { ecs } = find(account, name);
    const instance = account.current.instances.find(({ instanceId }) => instanceId === ecs?.instanceId);
    if (!instance) throw new Error('the instance does not exist');
    await this.assistant.change(instance, change);
    if (failing === 'after') throw new Error('told to fail after the host changed');
    if (order === 'host-first') await this.#pause(gapMs);
    await this.#end(account, name, (secret) => complete(promote(secret, this.#now())));
  }

  /** Makes the new value, unless it was made before a crash, and says what it means for the instance. */
  async #prepare(account: AccountStore, name: string): Promise<CredentialChange> {
    const secret = find(account, name);
    const { ecs } = secret;
    const { pending } = secret.rotation;
    if (!ecs || !pending) throw new Error('there is nothing to rotate');
    refuseUnusableKeyOf(account.current, secret);
    const base = pending.undo ? { ...secret, versions: pending.undo.versions } : secret;
    const current = versionAt(base, 'ACSCurrent');
    const old =
      current?.value &&
      parseSecretData(this.vault.unseal(current.value, valueContext(name, current.versionId)), ecs.secretSubType);
    if (!old) throw new Error('the current value does not tell the user name');
    const context = valueContext(name, pending.versionId);
    const text = pending.value
      ? this.vault.unseal(pending.value, context)
      : JSON.stringify(await newValue(old.userName, ecs.secretSubType));
    if (!pending.value) {
      const value = this.vault.seal(secret.encryptionKeyId, text, context);
      await this.#change(account, name, (latest) => ({
        ...latest,
        rotation: { ...latest.rotation, pending: { ...pending, value } },
      }));
    }
    const { otherAuthorizedKeys } = this.rules.current;
    return changeFor(text, ecs.secretSubType, old.publicKey, otherAuthorizedKeys);
  }

  async #change(account: AccountStore, name: string, change: (secret: SecretRecord) => SecretRecord): Promise<void> {
    await account.update((state) => {
      const secret = state.secrets.find((one) => one.name === name);
      if (!secret) throw new Error('the secret is gone');
      return { next: withSecret(state, change(secret)), result: undefined };
    });
  }

  /** The last change, and what is told of it. */
  async #end(
    account: AccountStore,
    name: string,
    change: (secret: SecretRecord) => SecretRecord,
    failure?: string,
  ): Promise<void> {
    await account.update((state) => {
      const secret = state.secrets.find((one) => one.name === name);
      if (!secret) throw new Error('the secret is gone');
      const ended = change(secret);
      const next = {
        ...withSecret(state, ended),
        ...withEvent(state, ended, this.clock.now(), this.rules.current, failure),
      };
      return { next, result: undefined };
    });
  }

  async #pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.#stopping.signal });
  }

  #now(): string {
    return this.clock.now().toISOString();
  }
}

function find({ current }: AccountStore, name: string): SecretRecord {
  const secret = current.secrets.find((one) => one.name === name);
  if (!secret) throw new Error('the secret is gone');
  return secret;
}

type SubType = CredentialChange['subType'];

async function newValue(userName: string, subType: SubType): Promise<Record<string, string>> {
  if (subType === 'Password') return { UserName: userName, Password: newPassword() };
  const { publicKey, privateKey } = await newSshKeyPair();
  return { UserName: userName, PublicKey: publicKey, PrivateKey: privateKey };
}

/** @param text a value that `newValue` made */
function changeFor(
  text: string,
  subType: SubType,
  previousPublicKey: string | undefined,
  otherKeys: Rules['otherAuthorizedKeys'],
): CredentialChange {
  const value = z.record(z.string(), z.string()).parse(JSON.parse(text));
  const userName = value['UserName'] ?? '';
  if (subType === 'Password') return { subType, userName, password: value['Password'] ?? '' };
  return {
    subType,
    userName,
    publicKey: value['PublicKey'] ?? '',
    ...(previousPublicKey !== undefined && { previousPublicKey }),
    ...(otherKeys === 'removed' && { otherKeys }),
  };
}
