import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  AuthenticateUserV1,
  AuthorizeAccessV1,
  OpenCredentialV1,
  PrepareCredentialV1,
  RefreshCredentialV1,
  ReleaseCredentialV1,
  SessionId,
  SignUserauthV1,
  type GrantClaims,
  type GrantId,
  type RequestOf,
} from '@sallyport/contracts';
import { inboxPrefix, NatsBus, type Bus } from '@sallyport/messaging';
import { connectWithSeed } from '@sallyport/messaging/deployment';
import { SealingKey } from '@sallyport/sealing';
import { formatUserauthRequest, PrivateKey, SshReader, type UserauthRequest } from '@sallyport/ssh-keys';
import { TokenVerifier } from '@sallyport/tokens';
import { home, local } from './sallyport.js';
import { readState } from './start-sallyport.js';

export type Claim = RequestOf<typeof AuthenticateUserV1>;
export interface Grant {
  readonly token: string;
  readonly claims: GrantClaims;
  readonly sealing: SealingKey;
}

/** What the broker is told of the connection to the target. */
export interface Shown {
  /** The key blob. */
  readonly hostKey: Buffer;
  readonly targetSessionId: Buffer;
  /** Of `targetSessionId`, by the host key. */
  readonly hostKeySignature: Buffer;
  readonly attestation?: string;
}

/** Session's own NATS identity, and nothing else of it. */
export const connectAsSession = () =>
  connectWithSeed(local.nats.url, readState(home, 'secrets', 'nats-session.seed'), {
    inboxPrefix: inboxPrefix('session'),
  });

const verifier = TokenVerifier.fromPem(readState(home, 'secrets', 'asset-signing.pub.pem'));
const aliceKey = PrivateKey.parse(readFileSync(local.users.alice.privateKeyFile, 'utf8'));

/** What alice signs on a connection of hers to the bastion, in the form in which session forwards it. */
export function aliceSigns(sshUserName = 'alice', change: Partial<UserauthRequest> = {}): Claim {
  const sessionId = randomBytes(32);
  const algorithm = new SshReader(aliceKey.publicKeyBlob).text();
  const { publicKeyBlob } = aliceKey;
  const own = { sessionId, userName: sshUserName, serviceName: 'ssh-connection', algorithm, publicKeyBlob };
  const signed = formatUserauthRequest({ ...own, ...change });
  return {
    username: sshUserName.split(/[@+]/)[0] ?? '',
    sshUserName,
    clientAddress: '192.0.2.7',
    connection: createHash('sha256').update(sessionId).digest('hex'),
    evidence: {
      method: 'publickey',
      signed: signed.toString('base64'),
      signature: aliceKey.sign(algorithm, signed).toString('base64'),
    },
  };
}

/** What somebody can say who took the session process over, while alice logs on through it. */
export class CapturedSession {
  constructor(readonly bus: Bus) {}

  static async start(): Promise<{ session: CapturedSession; end: () => Promise<void> }> {
    const connection = await connectAsSession();
    return { session: new CapturedSession(new NatsBus(connection)), end: () => connection.close() };
  }

  /** Alice logs on: her identity, for that connection. */
  async identity(): Promise<string> {
    const answer = await this.bus.request(AuthenticateUserV1, aliceSigns());
    if (!('identity' in answer)) throw new Error('alice has no one-time codes');
    return answer.identity;
  }

  async authorize(identity: string, host: string, account?: string): Promise<Grant> {
    const sealing = await SealingKey.generate();
    const { grant: token } = await this.bus.request(AuthorizeAccessV1, {
      identity,
      sessionId: SessionId.parse(randomUUID()),
      target: account === undefined ? { host } : { host, account },
      sealTo: sealing.publicKey,
    });
    return { token, claims: await verifier.grant(token), sealing };
  }

  /** Alice logs on and asks for a target that she may use. */
  async grant(host: string, account: string): Promise<Grant> {
    return this.authorize(await this.identity(), host, account);
  }

  prepare(token: string) {
    return this.bus.request(PrepareCredentialV1, { grant: token });
  }

  open(replica: string, { claims: { grantId } }: Grant, shown: Shown) {
    const request = {
      grantId,
      hostKey: shown.hostKey.toString('base64'),
      targetSessionId: shown.targetSessionId.toString('base64'),
      hostKeySignature: shown.hostKeySignature.toString('base64'),
      ...(shown.attestation === undefined ? {} : { attestation: shown.attestation }),
    };
    return this.bus.request(OpenCredentialV1, request, { replica });
  }

  async sign(replica: string, { claims: { grantId } }: Grant, bytes: Buffer): Promise<Buffer> {
    const request = { grantId, userauthRequest: bytes.toString('base64') };
    return Buffer.from((await this.bus.request(SignUserauthV1, request, { replica })).signature, 'base64');
  }

  refresh(replica: string, { claims: { grantId } }: Grant, refusedVersionId: string) {
    return this.bus.request(RefreshCredentialV1, { grantId, refusedVersionId }, { replica });
  }

  release(replica: string, grantId: GrantId, end?: 'accepted') {
    return this.bus.request(ReleaseCredentialV1, { grantId, ...(end && { end }) }, { replica });
  }
}
