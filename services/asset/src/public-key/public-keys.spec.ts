import { FakePublicKeys } from './public-keys.fake.js';
import { publicKeysSuite } from './public-keys.suite.js';

publicKeysSuite('FakePublicKeys', () => Promise.resolve(new FakePublicKeys()));
