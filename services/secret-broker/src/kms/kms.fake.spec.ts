import { FakeKms } from './kms.fake.js';
import { kmsSuite } from './kms.suite.js';

kmsSuite('FakeKms', () => {
  const kms = new FakeKms();
  return Promise.resolve({ kms, administration: kms, regionId: 'cn-hangzhou', instanceId: 'i-1', userName: 'root' });
});
