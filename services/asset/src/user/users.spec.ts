import { FakeUsers } from './users.fake.js';
import { usersSuite } from './users.suite.js';

usersSuite('FakeUsers', () => Promise.resolve(new FakeUsers()));
