import { createHash, timingSafeEqual } from 'node:crypto';
import type { AuthContext, PublicKeyAuthContext } from 'ssh2';
import type { KeyVault } from '../state/key-vault.js';
import { accountContext } from './instance.js';
import type { Account } from './instance.js';
import { parseKey } from './ssh-keys.js';

/** What a simulated instance says to one authentication request. */
export type Verdict = 'accept' | 'reject';

/** Checks a logon against the account as it is now. */
export function checkLogon(
  attempt: AuthContext,
  account: Account | undefined,
  instanceId: string,
  vault: Pick<KeyVault, 'unseal'>,
): Verdict {
  if (!account) return 'reject';
  if (attempt.method === 'password' && account.password) {
    const expected = vault.unseal(account.password, accountContext(instanceId, account.userName, 'password'));
    return equalTexts(attempt.password, expected) ? 'accept' : 'reject';
  }
  if (attempt.method === 'publickey' && account.publicKey !== undefined) {
    return provesKey(attempt, account.publicKey) ? 'accept' : 'reject';
  }
  return 'reject';
}

/** Without a signature the client only asks whether the key would do (RFC 4252 section 7). */
function provesKey({ key, blob, signature, hashAlgo }: PublicKeyAuthContext, publicKey: string): boolean {
  const managed = parseKey(publicKey);
  if (!managed.getPublicSSH().equals(key.data)) return false;
  return signature === undefined || (blob !== undefined && managed.verify(blob, signature, hashAlgo));
}

function equalTexts(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
