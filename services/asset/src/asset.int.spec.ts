import { afterAll, beforeAll } from 'vitest';
import { accessRequests } from './access/access-requests.suite.js';
import { accountRequests } from './account/account-requests.suite.js';
import { certificateRequests } from './certificate/certificate-requests.suite.js';
import { logonRequests } from './authentication/logon-requests.suite.js';
import { BrokerStub } from './broker.suite.js';
import { CloudStub } from './cloud.suite.js';
import { groupRequests } from './group/group-requests.suite.js';
import { hostKeyRequests } from './host-key/host-key-requests.suite.js';
import { hostRequests } from './host/host-requests.suite.js';
import { operation } from './operation.suite.js';
import { everyRequest } from './requests.suite.js';
import type { RunningAsset } from './running-asset.suite.js';
import { startAsset } from './running-asset.suite.js';
import { signInRequests } from './sign-in/sign-in-requests.suite.js';
import { targetRequests } from './target/target-requests.suite.js';
import { unrecorded } from './unrecorded.suite.js';
import { userRequests } from './user/user-requests.suite.js';
import { watchSuite } from './watch/watch.suite.js';

let asset: RunningAsset;
const cloud = new CloudStub();
const broker = new BrokerStub();
beforeAll(async () => {
  asset = await startAsset(await cloud.start());
  broker.listen(asset);
});
afterAll(async () => {
  await asset.stop();
  cloud.stop();
});
const running = (): RunningAsset => asset;

everyRequest(running);
userRequests(running);
hostRequests(running, cloud);
hostKeyRequests(running, cloud);
accountRequests(running, cloud, broker);
accessRequests(running, cloud, broker);
targetRequests(running, cloud, broker);
groupRequests(running, cloud, broker);
logonRequests(running, cloud, broker);
certificateRequests(running, cloud, broker);
signInRequests(running);
unrecorded(running, cloud, broker);
operation(running);
watchSuite(running, cloud, broker);
