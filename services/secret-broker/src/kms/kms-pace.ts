import { FairGate } from './fair-gate.js';
import type { KmsAction } from './kms-gateway.js';

/** Operations that share one rate limit of KMS. */
type Quota = 'values' | 'lists' | 'keys' | 'changes';

/** Calls a second, for each account and region, of the shared gateway (reference, section 5). Not to be raised by asking. */
const perSecond: Readonly<Record<Quota, number>> = { values: 450, lists: 40, keys: 50, changes: 10 };

const quotaOf: Readonly<Record<KmsAction, Quota>> = {
  GetSecretValue: 'values',
  DescribeSecret: 'values',
  ListSecrets: 'lists',
  ListSecretVersionIds: 'lists',
  CreateSecret: 'changes',
  DeleteSecret: 'changes',
  RestoreSecret: 'changes',
  RotateSecret: 'changes',
  UpdateSecretRotationPolicy: 'changes',
  UpdateSecret: 'changes',
  TagResource: 'changes',
  UntagResource: 'changes',
  SetSecretPolicy: 'changes',
  GetSecretPolicy: 'lists',
  GetRandomPassword: 'lists',
  ListKmsInstances: 'lists',
  DescribeRegions: 'lists',
  DescribeKey: 'keys',
  ListKeys: 'keys',
};

export interface PaceSettings {
  /** Of the account's quota; others call KMS too, and every replica has a pace of its own. */
  readonly quotaPercent: number;
  readonly maxInFlight: number;
}

/** Keeps our calls below what the account may do: a gate for each region and quota, in which secrets take turns. */
export class KmsPace {
  readonly #gates = new Map<string, FairGate>();

  constructor(private readonly settings: PaceSettings) {}

  /**
   * Waits until a call may start, for at most `timeoutMs`.
   * @returns what must be called when it has ended
   * @throws NoTurn
   */
  enter(regionId: string, action: KmsAction, secretName: string, timeoutMs: number): Promise<() => void> {
    const quota = quotaOf[action];
    const key = `${regionId} ${quota}`;
    const gate = this.#gates.get(key) ?? this.#newGate(quota);
    this.#gates.set(key, gate);
    return gate.enter(secretName, timeoutMs);
  }

  #newGate(quota: Quota): FairGate {
    const { quotaPercent, maxInFlight } = this.settings;
    return new FairGate({ inFlight: maxInFlight, perSecond: (perSecond[quota] * quotaPercent) / 100 });
  }
}
