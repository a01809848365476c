import { createPrivateKey, createPublicKey } from 'node:crypto';
import { SealingKey } from '@sallyport/sealing';
import { TokenSigner } from '@sallyport/tokens';
import type { AssetSettings } from './config.js';
import { FactorCipher } from './factor/factor-cipher.js';

const ed25519 = 'an Ed25519 key in PEM';

type KeySettings = Pick<
  AssetSettings,
  'ASSET_SIGNING_PRIVATE_KEY' | 'ASSET_SIGNING_PUBLIC_KEY' | 'ASSET_SEALING_PRIVATE_KEY' | 'ASSET_FACTOR_KEY'
>;

export interface Keys {
  signer: TokenSigner;
  sealingKey: SealingKey;
  factorCipher: FactorCipher;
}

/** @throws Error a key is not one, or the two halves of the signing key are of different keys; nothing of a key is shown */
export async function readKeys(settings: KeySettings): Promise<Keys> {
  const signingKey = settings.ASSET_SIGNING_PRIVATE_KEY.expose();
  const signer = checked('ASSET_SIGNING_PRIVATE_KEY', ed25519, () => TokenSigner.fromPem(signingKey));
  const derived = createPublicKey(createPrivateKey(signingKey));
  const published = checked('ASSET_SIGNING_PUBLIC_KEY', ed25519, () =>
    createPublicKey(settings.ASSET_SIGNING_PUBLIC_KEY),
  );
  if (!derived.equals(published))
    throw new Error('ASSET_SIGNING_PUBLIC_KEY is not the public half of ASSET_SIGNING_PRIVATE_KEY');
  const sealingKey = await SealingKey.fromPem(settings.ASSET_SEALING_PRIVATE_KEY.expose()).catch(() => {
    throw new Error('ASSET_SEALING_PRIVATE_KEY is not an X25519 private key in PKCS#8 PEM');
  });
  const factorKey = settings.ASSET_FACTOR_KEY.expose();
  const factorCipher = checked('ASSET_FACTOR_KEY', '32 bytes in base64', () => FactorCipher.fromBase64(factorKey));
  return { signer, sealingKey, factorCipher };
}

/** OpenSSL's own errors say nothing that helps, and might one day say too much. */
function checked<T>(name: string, what: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new Error(`${name} is not ${what}`);
  }
}
