import { FakeCertificateAuthorities } from './certificate-authorities.fake.js';
import { certificateAuthoritiesSuite, revocationsSuite } from './certificates.suite.js';
import { FakeRevocations } from './revocations.fake.js';

certificateAuthoritiesSuite('FakeCertificateAuthorities', () => Promise.resolve(new FakeCertificateAuthorities()));
revocationsSuite('FakeRevocations', () => Promise.resolve(new FakeRevocations()));
