import { generateKeyPairSync } from 'node:crypto';
import { InMemoryOnceRegistry, InMemorySharedValues, RecordingAuditPublisher } from '@sallyport/messaging/testing';
import { TokenSigner, TokenVerifier } from '@sallyport/tokens';
import { FakeClock } from '../clock.fake.js';
import { FakeKms } from '../kms/kms.fake.js';
import { newSecretData } from './conversation.suite.js';
import { FindNextVersion } from './find-next-version.js';
import { HostGuard, type HostRefusals } from './host-guard.js';
import { LeaseRequests } from './lease-requests.js';
import { Leases } from './leases.js';
import { OpenCredential } from './open-credential.js';
import { PrepareCredential } from './prepare-credential.js';
import { RefreshCredential } from './refresh-credential.js';
import { RefusalRecord } from './refusal-record.js';
import { SignUserauth } from './sign-userauth.js';

const pair = generateKeyPairSync('ed25519', {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
export const LEASE_LIFETIME_MS = 30_000;

/** A broker of fakes: everything but KMS, NATS and time is real. */
export function newBroker() {
  const clock = new FakeClock();
  const kms = new FakeKms(
    () => clock.now(),
    (old) => newSecretData(old.includes('PrivateKey') ? 'ssh-key' : 'password'),
  );
  const audit = new RecordingAuditPublisher();
  const tokens = TokenVerifier.fromPem(pair.publicKey, () => clock.now());
  const signer = TokenSigner.fromPem(pair.privateKey, () => clock.now());
  const used = new InMemoryOnceRegistry();
  const hostRefusals = new InMemorySharedValues<HostRefusals>();
  const refusals = new RefusalRecord(audit);
  const replica = () => {
    const guard = new HostGuard(hostRefusals, clock, 120_000);
    const leases = new Leases(LEASE_LIFETIME_MS, (lease) => void guard.ended(lease));
    const requests = new LeaseRequests(leases, refusals);
    const nextVersion = new FindNextVersion(kms, clock, { waitMs: 5_000, recentMs: 120_000 });
    return {
      leases,
      prepare: new PrepareCredential(tokens, used, kms, guard, leases, audit, refusals, 'replica-1'),
      open: new OpenCredential(requests, tokens, audit),
      sign: new SignUserauth(requests, audit),
      refresh: new RefreshCredential(requests, leases, guard, nextVersion, audit),
    };
  };
  return { clock, kms, audit, signer, replica, ...replica() };
}
export type TestBroker = ReturnType<typeof newBroker>;
