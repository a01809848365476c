import { FakeUsedEvidence } from './used-evidence.fake.js';
import { usedEvidenceSuite } from './used-evidence.suite.js';

usedEvidenceSuite('FakeUsedEvidence', () => Promise.resolve(new FakeUsedEvidence()));
