import kex from 'ssh2/lib/protocol/kex.js';
import type { KeyExchangeClass } from 'ssh2/lib/protocol/kex.js';
import { answerHybrid, HybridClient, MLKEM768_X25519 } from './mlkem768x25519.js';

/** Makes the post-quantum exchange known to ssh2. @throws Error when our patch of ssh2 was not applied */
export function addPostQuantumKeyExchange(): void {
  if (!kex.addKeyExchange) {
    throw new Error('ssh2 is not patched: run `npx patch-package --patch-dir tools/patches` in the root folder');
  }
  kex.addKeyExchange(MLKEM768_X25519, (KeyExchange) => mlkem768x25519(KeyExchange));
}

/** Fits the exchange into ssh2's: its public keys are our shares, as they are, and its secret is our K. */
function mlkem768x25519(KeyExchange: KeyExchangeClass): KeyExchangeClass {
  return class extends KeyExchange {
    type = MLKEM768_X25519;
    hashName = 'sha256';
    #client: HybridClient | undefined;
    #reply: Buffer | undefined;

    /** On the server's side ssh2 asks for it after the secret. */
    override getPublicKey(): Buffer {
      if (this._protocol._server) return this.#reply ?? Buffer.alloc(0);
      this.#client ??= new HybridClient();
      return this.#client.share;
    }

    override convertPublicKey(share: Buffer): Buffer {
      return share;
    }

    /** ssh2 takes an error as a value, and ends the connection. */
    override computeSecret(share: Buffer): Buffer | Error {
      try {
        if (this.#client) return this.#client.secret(share);
        const { reply, secret } = answerHybrid(share);
        this.#reply = reply;
        return secret;
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      }
    }
  };
}
