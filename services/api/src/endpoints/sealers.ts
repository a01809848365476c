import type { Sealed } from '@sallyport/contracts';
import { seal } from '@sallyport/sealing';
import { wipe } from '@sallyport/secret';

/** What clients entrust to us is sealed at once to the service that may see it: NATS carries ciphertext. */
export interface Sealers {
  toAsset(plain: string, associatedData: string): Promise<Sealed>;
  toBroker(plain: string, associatedData: string): Promise<Sealed>;
  toAudit(plain: string, associatedData: string): Promise<Sealed>;
}

/** @param keys base64 of X25519 public keys */
export function sealersFor(keys: Record<'asset' | 'broker' | 'audit', string>): Sealers {
  const sealTo = (key: string) => async (plain: string, associatedData: string) => {
    const bytes = Buffer.from(plain);
    try {
      return await seal(key, bytes, associatedData);
    } finally {
      wipe(bytes);
    }
  };
  return { toAsset: sealTo(keys.asset), toBroker: sealTo(keys.broker), toAudit: sealTo(keys.audit) };
}
