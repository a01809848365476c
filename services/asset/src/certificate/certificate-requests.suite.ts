import { randomUUID } from 'node:crypto';
import type { CertificateAuthority, RequestOf, Session } from '@sallyport/contracts';
import {
  AddCertificateAuthorityV1,
  AuthorizeAccessV1,
  CreateAuthorizationV1,
  HostId,
  ImportHostsV1,
  ImportSecretsV1,
  ListCertificateAuthoritiesV1,
  ListCertificateRevocationsV1,
  ProbePublicKeyV1,
  ProtocolPolicy,
  RemoveCertificateAuthorityV1,
  RemoveCertificateRevocationV1,
  ReviewSessionsV1,
  RevokeCertificateV1,
  SessionId,
} from '@sallyport/contracts';
import type { PrivateKey } from '@sallyport/ssh-keys';
import { fingerprint, formatUserauthRequest } from '@sallyport/ssh-keys';
import type { CertificateFields } from '@sallyport/ssh-keys/testing';
import { newKey, softCertificate } from '@sallyport/ssh-keys/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BrokerStub } from '../broker.suite.js';
import type { CloudStub } from '../cloud.suite.js';
import { describedInstance } from '../cloud.suite.js';
import type { Evidence } from '../people.suite.js';
import { actor, clientAddress, ClientConnection, createUser, signIn } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';

const username = 'certified';
const hostName = 'i-certificates';
const seconds = (fromNow: number): bigint => BigInt(Math.floor(Date.now() / 1_000) + fromNow);
const line = (key: PrivateKey): string => `ssh-ed25519 ${key.publicKeyBlob.toString('base64')}`;
const refused = { code: 'access.unauthenticated', message: 'not authenticated' };

/** Certificates of an authority that an administrator trusts: from the REST to the grant, each with its forbidden twin. */
export function certificateRequests(running: () => RunningAsset, cloud: CloudStub, broker: BrokerStub): void {
  describe('certificates', () => {
    const [ca, key] = [newKey(), newKey()];
    let asset: RunningAsset;
    let admin: string;
    let authority: CertificateAuthority;
    beforeAll(async () => {
      asset = running();
      admin = await actor(asset, await signIn(asset));
      cloud.instances = [describedInstance(hostName)];
      broker.set('acs/ecs/certificates-root', { instanceId: hostName });
      const imported = { actor: admin, regionId: 'cn-hangzhou', instanceIds: [hostName] };
      const { results } = await asset.api.request(ImportHostsV1, imported);
      const hostId = HostId.parse(results[0]?.hostId);
      const secretNames = ['acs/ecs/certificates-root'];
      await asset.api.request(ImportSecretsV1, { actor: admin, hostId, secretNames });
      const { id: userId } = await createUser(asset, admin, { username });
      const on = { localForward: true, remoteForward: true, streamlocal: true, agent: true, x11: true };
      const policy = ProtocolPolicy.parse(on);
      await asset.api.request(CreateAuthorizationV1, { actor: admin, userId, hostId, policy });
      authority = await trust(ca);
    });
    /** An identity for the REST is good for a few seconds. */
    const freshAdmin = async (): Promise<void> => {
      admin = await actor(asset, await signIn(asset));
    };

    const trust = (by: PrivateKey): Promise<CertificateAuthority> =>
      asset.api.request(AddCertificateAuthorityV1, { actor: admin, name: 'staff', publicKey: line(by) });
    const last = async (event: string) => (await asset.recorded(event)).at(-1);
    const certificate = (fields: CertificateFields = {}, by = ca): Buffer =>
      softCertificate(by, key.publicKeyBlob, { principals: [username], ...fields });
    const evidence = (connection: ClientConnection, publicKeyBlob: Buffer, signer = key): Evidence => {
      const algorithm = 'ssh-ed25519-cert-v01@openssh.com';
      const serviceName = 'ssh-connection';
      const { sessionId } = connection;
      const request = { sessionId, userName: username, serviceName, algorithm, publicKeyBlob };
      const signed = formatUserauthRequest(request);
      const signature = signer.sign('ssh-ed25519', signed).toString('base64');
      return { method: 'publickey', signed: signed.toString('base64'), signature };
    };
    const logOn = (blob: Buffer, signer = key): Promise<string> => {
      const connection = new ClientConnection();
      return connection.authenticate(asset, username, evidence(connection, blob, signer));
    };
    const authorize = (identity: string, sessionId = SessionId.parse(randomUUID())): Promise<{ grant: string }> => {
      const target = { host: hostName };
      return asset.session.request(AuthorizeAccessV1, { identity, sessionId, target, sealTo: 'c2VhbA==' });
    };
    const review = async (sessionId: SessionId) => {
      const [granted] = (await asset.recorded('access.granted')).filter((event) => event['sessionId'] === sessionId);
      const { userId, hostId, accountId } = granted as Pick<Session, 'userId' | 'hostId' | 'accountId'>;
      const named = { sessionId, userId, clientAddress, hostId, accountId };
      return (await asset.session.request(ReviewSessionsV1, { sessions: [named] })).ended;
    };
    const probe = async (publicKey: Buffer): Promise<boolean> =>
      (await asset.session.request(ProbePublicKeyV1, { username, publicKey: publicKey.toString('base64') })).acceptable;
    const revoke = (what: Pick<RequestOf<typeof RevokeCertificateV1>, 'serial' | 'keyId'>) =>
      asset.api.request(RevokeCertificateV1, { actor: admin, certificateAuthorityId: authority.id, ...what });

    it('open the user whose name is a principal, and no more than they permit', async () => {
      const blob = certificate({
        ...{ serial: 42n, keyId: 'laptop', validBefore: seconds(3_600) },
        criticalOptions: [
          ['force-command', 'uptime'],
          ['source-address', '198.51.100.0/24,192.0.2.7/32'],
        ],
        extensions: [['permit-port-forwarding'], ['permit-x@example.com', 'whatever']],
      });
      expect(await probe(blob)).toBe(true);
      const identity = await logOn(blob);
      expect(await last('user.authenticated')).toMatchObject({
        ...{ username, method: 'publickey', fingerprint: fingerprint(key.publicKeyBlob) },
        certificate: { authority: authority.fingerprint, serial: '42', keyId: 'laptop' },
      });
      await authorize(identity);
      expect(await last('access.granted')).toMatchObject({
        policy: { localForward: true, remoteForward: true, streamlocal: true, agent: false, x11: false, shell: true },
        restrictions: { terminal: false, forceCommand: 'uptime' },
      });
    });

    it('permit what they name, where the authorization does', async () => {
      const names = ['permit-pty', 'permit-agent-forwarding', 'permit-X11-forwarding'] as const;
      await authorize(await logOn(certificate({ extensions: names.map((name) => [name] as const) })));
      expect(await last('access.granted')).toMatchObject({
        policy: { localForward: false, remoteForward: false, streamlocal: false, agent: true, x11: true },
        restrictions: { terminal: true },
      });
    });

    it.each<[string, string, CertificateFields]>([
      ['has expired', 'certificate-expired', { validBefore: seconds(-1) }],
      ['is not valid yet', 'certificate-not-yet-valid', { validAfter: seconds(3_600) }],
      ['is for another user', 'wrong-principal', { principals: ['somebody', `${username} `, username.toUpperCase()] }],
      ['is for nobody in particular', 'wrong-principal', { principals: [] }],
      ['is for hosts', 'host-certificate', { kind: 2 }],
      ['is for another address', 'denied-source', { criticalOptions: [['source-address', '198.51.100.0/24']] }],
      ['is for an address that is none', 'malformed', { criticalOptions: [['source-address', 'everywhere']] }],
      ['asks for what is not known', 'unknown-critical-option', { criticalOptions: [['x@example.com', 'y']] }],
      ['asks for a PIN that no such key has', 'bad-signature', { criticalOptions: [['verify-required']] }],
      ['has a flag with data', 'malformed', { extensions: [['permit-pty', 'yes']] }],
      ['has a command that is too long', 'malformed', { criticalOptions: [['force-command', 'x'.repeat(4_097)]] }],
    ])('are refused when one %s', async (_, reason, fields) => {
      await expect(logOn(certificate(fields))).rejects.toMatchObject(refused);
      expect(await last('user.authentication-failed')).toMatchObject({ username, reason });
    });

    it('are refused of another authority, when tampered with, and without the signature of their key', async () => {
      const reason = async () => (await last('user.authentication-failed'))?.['reason'];
      const foreign = certificate({}, newKey());
      expect(await probe(foreign)).toBe(false);
      await expect(logOn(foreign)).rejects.toMatchObject(refused);
      expect(await reason()).toBe('unknown-authority');

      const blob = certificate({ keyId: 'one thing' });
      const tampered = Buffer.from(blob.toString('latin1').replace('one thing', 'ONE THING'), 'latin1');
      expect(await probe(tampered)).toBe(false);
      await expect(logOn(tampered)).rejects.toMatchObject(refused);
      expect(await reason()).toBe('bad-certificate');
      await expect(logOn(blob.subarray(0, -1))).rejects.toMatchObject(refused);
      expect(await reason()).toBe('malformed');

      await expect(logOn(blob, newKey())).rejects.toMatchObject(refused);
      expect(await reason()).toBe('bad-signature');
      await expect(logOn(blob, ca)).rejects.toMatchObject(refused);
      await logOn(blob);
    });

    it('make no key of the user out of the key that they certify', async () => {
      await logOn(certificate());
      expect(await probe(key.publicKeyBlob)).toBe(false);
      await expect(logOn(key.publicKeyBlob)).rejects.toMatchObject(refused);
      expect(await last('user.authentication-failed')).toMatchObject({ reason: 'unknown-key' });
    });

    it('are revoked by serial and by key id, also for who is logged on, and restored', async () => {
      await freshAdmin();
      const [one, other] = [certificate({ serial: 1n, keyId: 'one' }), certificate({ serial: 2n, keyId: 'other' })];
      const identity = await logOn(one);
      const open = SessionId.parse(randomUUID());
      await authorize(identity, open);
      expect(await review(open)).toEqual([]);
      const bySerial = await revoke({ serial: '1' });
      expect(await revoke({ serial: '1' })).toEqual(bySerial);
      expect(await last('certificate.revoked')).toMatchObject({ authority: authority.fingerprint, after: bySerial });
      expect(await probe(one)).toBe(false);
      await expect(logOn(one)).rejects.toMatchObject(refused);
      expect(await last('user.authentication-failed')).toMatchObject({ reason: 'certificate-revoked' });
      expect(await review(open)).toMatchObject([{ sessionId: open, why: 'revoked' }]);
      await expect(authorize(identity)).rejects.toMatchObject(refused);
      expect(await last('access.denied')).toMatchObject({ reason: 'certificate-revoked' });
      await logOn(other);
      const byKeyId = await revoke({ keyId: 'other' });
      await expect(logOn(other)).rejects.toMatchObject(refused);

      const about = { actor: admin, certificateAuthorityId: authority.id };
      expect(await asset.api.request(ListCertificateRevocationsV1, about)).toEqual({ items: [bySerial, byKeyId] });
      for (const { id: revocationId } of [bySerial, byKeyId])
        await asset.api.request(RemoveCertificateRevocationV1, { ...about, revocationId });
      expect(await last('certificate.restored')).toMatchObject({ before: byKeyId });
      await logOn(one);
      const again = asset.api.request(RemoveCertificateRevocationV1, { ...about, revocationId: byKeyId.id });
      await expect(again).rejects.toMatchObject({ code: 'certificate-revocation.not-found' });
      for (const what of [{}, { serial: '1', keyId: 'one' }])
        await expect(revoke(what)).rejects.toMatchObject({ code: 'request.invalid' });
    });

    it('are good for nothing once their time is over or their authority is removed, whoever is logged on', async () => {
      await freshAdmin();
      const shortLived = await logOn(certificate({ validBefore: seconds(8) }));
      const identity = await logOn(certificate());
      const again = asset.api.request(AddCertificateAuthorityV1, { actor: admin, name: 'b', publicKey: line(ca) });
      await expect(again).rejects.toMatchObject({ code: 'certificate-authority.exists' });
      expect(await asset.api.request(ListCertificateAuthoritiesV1, { actor: admin })).toEqual({ items: [authority] });

      const remove = { actor: admin, certificateAuthorityId: authority.id };
      await revoke({ serial: '9' });
      await asset.api.request(RemoveCertificateAuthorityV1, remove);
      expect(await last('certificate-authority.removed')).toMatchObject({ before: authority });
      await expect(logOn(certificate())).rejects.toMatchObject(refused);
      expect(await last('user.authentication-failed')).toMatchObject({ reason: 'unknown-authority' });
      await expect(authorize(identity)).rejects.toMatchObject(refused);
      expect(await last('access.denied')).toMatchObject({ reason: 'unknown-authority' });
      for (const request of [RemoveCertificateAuthorityV1, ListCertificateRevocationsV1])
        await expect(asset.api.request(request, remove)).rejects.toMatchObject({
          code: 'certificate-authority.not-found',
        });

      // Should it come back, what was revoked stays so.
      authority = await trust(ca);
      expect(await last('certificate-authority.added')).toMatchObject({ after: authority });
      await expect(logOn(certificate({ serial: 9n }))).rejects.toMatchObject(refused);
      await expect.poll(() => authorize(shortLived).catch(() => 'refused'), { timeout: 60_000 }).toBe('refused');
      expect(await last('access.denied')).toMatchObject({ reason: 'certificate-expired' });
    });

    it('are for bastion administrators to permit', async () => {
      await freshAdmin();
      await createUser(asset, admin, {
        username: 'certificate-auditor',
        roles: ['auditor'],
        password: 'correct horse b',
      });
      const auditor = await actor(asset, await signIn(asset, 'certificate-auditor', 'correct horse b'));
      const add = asset.api.request(AddCertificateAuthorityV1, {
        actor: auditor,
        name: 'x',
        publicKey: line(newKey()),
      });
      await expect(add).rejects.toMatchObject({ code: 'access.forbidden' });
      const none = asset.api.request(AddCertificateAuthorityV1, {
        actor: admin,
        name: 'x',
        publicKey: `ssh-dss ${'A'.repeat(40)}`,
      });
      await expect(none).rejects.toMatchObject({ code: 'request.invalid' });
    });
  });
}
