import type { ReplyOf } from '@sallyport/contracts';
import { DescribeSecretV1, type ErrorCode, ListEcsSecretsV1, ShowSecretStatesV1 } from '@sallyport/contracts';
import type { RunningAsset } from './running-asset.suite.js';

type Described = ReplyOf<typeof DescribeSecretV1>;

/** Answers in the broker's place, on its NATS identity, what asset may ask: what KMS tells about secrets. */
export class BrokerStub {
  readonly #secrets = new Map<string, Described | ErrorCode>();
  /** How far its first look at the secrets got, while that goes on. */
  scan: ReplyOf<typeof ListEcsSecretsV1>['scan'];
  /** Whose KMS refuses every look. */
  brokenRegion: string | undefined;

  listen({ broker }: RunningAsset): void {
    broker.subscribe(DescribeSecretV1.subject, {
      callback: (_, message) => {
        const { data } = message.json<{ data: { name: string; regionId: string } }>();
        const secret = this.#secrets.get(data.name) ?? 'secret.not-found';
        message.respond(reply(secret));
      },
    });
    broker.subscribe(ListEcsSecretsV1.subject, {
      callback: (_, message) => {
        const { data } = message.json<{ data: { keyword?: string } }>();
        const found = [...this.#secrets.values()].filter((secret) => typeof secret !== 'string');
        const named = found.filter((secret) => secret.name.includes(data.keyword ?? ''));
        // Those of other instances too: asset does not rely on the broker for that.
        const items = named.map((one) => ({ ...one, standing: this.#standingOf(one.name) }));
        message.respond(reply({ items, scan: this.scan }));
      },
    });
    broker.subscribe(ShowSecretStatesV1.subject, {
      callback: (_, message) => {
        const { data } = message.json<{ data: { names: string[]; regionId: string } }>();
        if (data.regionId === this.brokenRegion) message.respond(reply('kms.denied'));
        else message.respond(reply({ items: data.names.map((name) => this.#standingOf(name)) }));
      },
    });
  }

  #standingOf(name: string): object {
    const secret = this.#secrets.get(name);
    if (secret === undefined) return { name, state: 'gone' };
    if (typeof secret === 'string') return { name, state: 'unknown' };
    const { plannedDeleteAt, automaticRotation, lastRotationAt, nextRotationAt } = secret;
    const failed = automaticRotation === 'Invalid' ? 'rotation-failed' : 'ok';
    const state = plannedDeleteAt === undefined ? failed : 'deletion-planned';
    return { name, state, plannedDeleteAt, lastRotationAt, nextRotationAt, currentVersionId: 'v1' };
  }

  /** A secret of an instance, or how looking at it fails. */
  set(name: string, secret: Partial<Described> | ErrorCode): void {
    const defaults: Described = { name, regionId: 'cn-hangzhou', type: 'ECS', kind: 'password', userName: 'root' };
    this.#secrets.set(name, typeof secret === 'string' ? secret : { ...defaults, ...secret });
  }

  remove(name: string): void {
    this.#secrets.delete(name);
  }
}

function reply(answer: object | ErrorCode): string {
  if (typeof answer !== 'string') return JSON.stringify({ response: answer, isDisposed: true });
  return JSON.stringify({ err: { code: answer, message: answer, retryable: false }, isDisposed: true });
}
