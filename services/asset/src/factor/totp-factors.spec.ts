import { FakeTotpFactors } from './totp-factors.fake.js';
import { totpFactorsSuite } from './totp-factors.suite.js';

totpFactorsSuite('FakeTotpFactors', () => Promise.resolve(new FakeTotpFactors()));
