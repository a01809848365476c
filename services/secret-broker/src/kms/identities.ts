import type { Settings } from '../config.js';
import type { AccessKeySource } from './credentials.alicloud.js';
import { DefaultChain, StaticKey } from './credentials.alicloud.js';

/** In whose names the broker calls KMS. */
export interface Identities {
  /** Lists, describes, and reads values: what logons and imports need. */
  readonly reader: AccessKeySource;
  /** Changes secrets and looks at keys, and need not be able to read a value. */
  readonly administrator: AccessKeySource;
}

/** The administrator is the reader itself when the settings name no other. */
export function identitiesOf(settings: Settings): Identities {
  const { ALIBABA_CLOUD_ACCESS_KEY_ID: id, ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret } = settings;
  const reader = id && secret ? new StaticKey(id, secret, settings.ALIBABA_CLOUD_SECURITY_TOKEN) : new DefaultChain();
  return { reader, administrator: administratorOf(settings) ?? reader };
}

function administratorOf(settings: Settings): AccessKeySource | undefined {
  const { KMS_ADMIN_ACCESS_KEY_ID: id, KMS_ADMIN_ACCESS_KEY_SECRET: secret } = settings;
  if (id && secret) return new StaticKey(id, secret, settings.KMS_ADMIN_SECURITY_TOKEN);
  return undefined;
}
