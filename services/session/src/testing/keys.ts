import { generateKeyPairSync } from 'node:crypto';
import { SealingKey } from '@sallyport/sealing';
import { TokenSigner, TokenVerifier } from '@sallyport/tokens';

/** Keys of the other services, made for this run. */
export interface TestKeys {
  readonly signer: TokenSigner;
  readonly verifier: TokenVerifier;
  readonly signingPublicKey: string;
  readonly assetSealing: SealingKey;
  readonly assetSealingPublicKey: string;
}

export async function makeTestKeys(): Promise<TestKeys> {
  const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;
  const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const;
  const signing = generateKeyPairSync('ed25519', { publicKeyEncoding, privateKeyEncoding });
  const sealing = generateKeyPairSync('x25519', { publicKeyEncoding, privateKeyEncoding });
  return {
    signer: TokenSigner.fromPem(signing.privateKey),
    verifier: TokenVerifier.fromPem(signing.publicKey),
    signingPublicKey: signing.publicKey,
    assetSealing: await SealingKey.fromPem(sealing.privateKey),
    assetSealingPublicKey: sealing.publicKey,
  };
}
