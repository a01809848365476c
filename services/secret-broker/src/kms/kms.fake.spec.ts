import { FakeKms } from './kms.fake.js';
import { kmsSuite } from './kms.suite.js';

kmsSuite('FakeKms', () =>
  Promise.resolve({ kms: new FakeKms(), regionId: 'cn-hangzhou', instanceId: 'i-1', userName: 'root' }),
);
