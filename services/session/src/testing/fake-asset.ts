import { createHash, randomUUID } from 'node:crypto';
import {
  AccountId,
  AuthenticateUserV1,
  AuthorizeAccessV1,
  GrantId,
  HostId,
  ListTargetsV1,
  PinHostKeyV1,
  ProbePublicKeyV1,
  ProtocolPolicy,
  ReportHostKeyV1,
  ReviewSessionsV1,
  UserId,
} from '@sallyport/contracts';
import type {
  ReplyOf,
  RequestContract,
  RequestOf,
  SessionLimits,
  SessionRestrictions,
  Target,
} from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { fingerprint, parseAuthorizedKey, parseUserauthRequest, verifySignature } from '@sallyport/ssh-keys';
import type { TestKeys } from './keys.js';

/** Whatever carries requests to a handler. */
export type Answer = <C extends RequestContract>(
  contract: C,
  handler: (request: RequestOf<C>) => ReplyOf<C> | Promise<ReplyOf<C>>,
) => void;

export interface TestHost {
  name: string;
  address: string;
  port: number;
  /** Pinned fingerprints. */
  hostKeys: string[];
  /** Types of the pinned keys. */
  hostKeyTypes?: string[];
  account: string;
  kind: 'password' | 'ssh-key';
}

/** Small stand-in for `asset`: judges evidence for one user, `alice`, and grants her the hosts in `hosts`. */
export class FakeAsset {
  password = 'correct horse';
  /** Asked for as well, when it is set. */
  code: string | undefined;
  /** Lines as in authorized_keys. */
  publicKeys: string[] = [];
  hosts: TestHost[] = [];
  policy = ProtocolPolicy.parse({});
  limits: SessionLimits = {};
  restrictions: SessionRestrictions | undefined;
  /** What a host without pinned keys is answered with, instead of being pinned. */
  unknownHostKey: DomainError | undefined;
  /** What authorizing waits for. */
  before: (() => Promise<void>) | undefined;
  /** What is listed, where it is not just `hosts`; in the order of the list. */
  listed: Pick<Target, 'host' | 'account'>[] | undefined;
  /** Why every open session has to end, when it is set. */
  ended: { why: 'terminated' | 'revoked'; text: string } | undefined;
  /** What was asked, by subject. */
  readonly asked: string[] = [];
  readonly reported: string[] = [];
  readonly #userId = UserId.parse(randomUUID());
  readonly #hostIds = new Map<string, HostId>();

  constructor(private readonly keys: TestKeys) {}

  answer(on: Answer): void {
    on(AuthenticateUserV1, (request) => this.#authenticate(request));
    on(ProbePublicKeyV1, ({ username, publicKey }) => {
      this.asked.push('probe');
      return { acceptable: username === 'alice' && this.#knows(Buffer.from(publicKey, 'base64')) };
    });
    on(AuthorizeAccessV1, (request) => this.#authorize(request));
    on(ListTargetsV1, (request) => this.#list(request));
    on(PinHostKeyV1, async ({ grant, hostKey }) => {
      const { grantId, host } = await this.keys.verifier.grant(grant);
      if (this.unknownHostKey) throw this.unknownHostKey;
      const seen = fingerprint(Buffer.from(hostKey, 'base64'));
      this.hosts.find(({ name }) => name === host.name)?.hostKeys.push(seen);
      return {
        attestation: await this.keys.signer.attestation({ grantId, hostId: host.hostId, fingerprint: seen }),
        fingerprint: seen,
      };
    });
    on(ReviewSessionsV1, ({ sessions }) => {
      const { ended } = this;
      return { ended: ended ? sessions.map(({ sessionId }) => ({ sessionId, ...ended })) : [] };
    });
    on(ReportHostKeyV1, ({ hostKey }) => {
      this.reported.push(fingerprint(Buffer.from(hostKey, 'base64')));
      return {};
    });
  }

  async #authenticate(request: RequestOf<typeof AuthenticateUserV1>): Promise<ReplyOf<typeof AuthenticateUserV1>> {
    this.asked.push(`authenticate ${request.evidence.method}`);
    const { username, connection, clientAddress } = request;
    if (username !== 'alice' || !(await this.#holds(request))) {
      throw new DomainError('access.unauthenticated', 'that does not prove who you are');
    }
    const { method } = request.evidence;
    if (method !== 'code' && this.code !== undefined) return { firstFactor: `${method} ${connection}` };
    const claims = {
      use: 'ssh',
      userId: this.#userId,
      username,
      roles: [],
      ...(method === 'code' ? ({ method: 'password', secondFactor: 'totp' } as const) : { method }),
      clientAddress,
      connection,
    } as const;
    return { identity: await this.keys.signer.identity({ ...claims, roles: ['operator'] }, 120) };
  }

  async #holds({ evidence, connection, sshUserName }: RequestOf<typeof AuthenticateUserV1>): Promise<boolean> {
    if (evidence.method === 'code') {
      const { code, firstFactor } = evidence;
      if (!['password', 'publickey'].some((method) => firstFactor === `${method} ${connection}`)) return false;
      return (await this.keys.assetSealing.open(code, connection)).toString() === this.code;
    }
    if (evidence.method === 'password') {
      return (await this.keys.assetSealing.open(evidence.password, connection)).toString() === this.password;
    }
    const data = Buffer.from(evidence.signed, 'base64');
    const { sessionId, userName, algorithm, publicKeyBlob } = parseUserauthRequest(data);
    const signatureBlob = Buffer.from(evidence.signature, 'base64');
    return (
      createHash('sha256').update(sessionId).digest('hex') === connection &&
      userName === sshUserName &&
      this.#knows(publicKeyBlob) &&
      verifySignature({ publicKeyBlob, algorithm, data, signatureBlob })
    );
  }

  async #authorize(request: RequestOf<typeof AuthorizeAccessV1>): Promise<ReplyOf<typeof AuthorizeAccessV1>> {
    this.asked.push('authorize');
    await this.before?.();
    const who = await this.keys.verifier.identity(request.identity, 'ssh');
    const { target, sessionId, sealTo } = request;
    const host = this.hosts.find(
      ({ name, account }) => name === target.host && (target.account ?? account) === account,
    );
    if (!host) throw new DomainError('target.not-found', 'no target of this name is authorized for you');
    const hostId = this.#hostIds.get(host.name) ?? HostId.parse(randomUUID());
    this.#hostIds.set(host.name, hostId);
    const { name, address, port, hostKeys, hostKeyTypes, account: userName, kind } = host;
    return {
      grant: await this.keys.signer.grant({
        grantId: GrantId.parse(randomUUID()),
        sessionId,
        userId: who.userId,
        username: who.username,
        clientAddress: who.clientAddress,
        host: { hostId, name, address, port, hostKeys, ...(hostKeyTypes && { hostKeyTypes }) },
        account: { accountId: AccountId.parse(randomUUID()), userName, kind, secretName: 's', regionId: 'cn-hangzhou' },
        sealTo,
        policy: this.policy,
        limits: this.limits,
        restrictions: this.restrictions,
      }),
    };
  }

  async #list({
    identity,
    search = '',
    cursor = '0',
    limit,
  }: RequestOf<typeof ListTargetsV1>): Promise<ReplyOf<typeof ListTargetsV1>> {
    this.asked.push(`list ${search}`);
    await this.keys.verifier.identity(identity, 'ssh');
    const listed = this.listed ?? this.hosts.map(({ name, account }) => ({ host: name, account }));
    const words = search.split(/\s+/);
    const fits = listed.filter(({ host, account }) => words.every((word) => `${account}@${host}`.includes(word)));
    const [from, to] = [Number(cursor), Number(cursor) + limit];
    return {
      items: fits
        .slice(from, to)
        .map((target) => ({ ...target, instanceId: 'i-1', address: '192.0.2.1', port: 22, status: 'active' })),
      ...(to < fits.length && { nextCursor: String(to) }),
    };
  }

  #knows(blob: Buffer): boolean {
    return this.publicKeys.some((line) => parseAuthorizedKey(line).blob.equals(blob));
  }
}
