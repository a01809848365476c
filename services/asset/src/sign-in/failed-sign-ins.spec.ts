import { FakeFailedSignIns } from './failed-sign-ins.fake.js';
import { failedSignInsSuite } from './failed-sign-ins.suite.js';

failedSignInsSuite('FakeFailedSignIns', () => Promise.resolve(new FakeFailedSignIns()));
