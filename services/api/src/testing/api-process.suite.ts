import { generateKeyPairSync } from 'node:crypto';
import type { ReplyOf, RequestContract, RequestOf } from '@sallyport/contracts';
import { toWire } from '@sallyport/errors';
import {
  connectWithSeed,
  identitiesFrom,
  identityNames,
  natsAccountsConfig,
  newNkey,
  type IdentityName,
} from '@sallyport/messaging/deployment';
import { SealingKey } from '@sallyport/sealing';
import { freePort, makeUserKey, ServerProcess, startNats, waitFor } from '@sallyport/testing';
import { TokenSigner, TokenVerifier } from '@sallyport/tokens';

/** A key pair in PEM, made for this run. */
function keyPair(type: 'ed25519' | 'x25519'): { publicKey: string; privateKey: string } {
  const pair = type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519');
  return {
    publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** The api as a process of its own on a real NATS server, with the other services' ends in the test. */
export async function startApi(extraEnv: Record<string, string> = {}) {
  const signing = keyPair('ed25519');
  const assetKeys = keyPair('x25519');
  const auditKeys = keyPair('x25519');
  const brokerKeys = keyPair('x25519');
  const nkeys = new Map(identityNames.map((name) => [name, newNkey()] as const));
  const nkey = (name: IdentityName) => nkeys.get(name) ?? newNkey();
  const publicKeys = Object.fromEntries(identityNames.map((name) => [name, nkey(name).publicKey]));
  const nats = await startNats({
    config: natsAccountsConfig(identitiesFrom(publicKeys as Record<IdentityName, string>)),
  });
  // The operator may listen to everything: one connection stands for all services behind the api.
  const others = await connectWithSeed(nats.url, nkey('operator').seed, { inboxPrefix: '_INBOX' });
  const traceparents: string[] = [];
  const verifier = TokenVerifier.fromPem(signing.publicKey);
  const port = await freePort();
  const child = new ServerProcess(process.execPath, ['dist/main.js'], {
    env: {
      NATS_URL: nats.url,
      NATS_SEED: nkey('api').seed,
      ASSET_SIGNING_PUBLIC_KEY: signing.publicKey,
      ASSET_SEALING_PUBLIC_KEY: assetKeys.publicKey,
      AUDIT_SEALING_PUBLIC_KEY: auditKeys.publicKey,
      BROKER_SEALING_PUBLIC_KEY: brokerKeys.publicKey,
      API_PORT: String(port),
      API_SSH_HOST: 'bastion.example',
      API_SSH_HOST_KEYS: (await makeUserKey()).publicKey,
      ...extraEnv,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await waitFor(
    async () => {
      if (!child.running) throw new Error(child.tail());
      return (await fetch(`${url}/readyz`)).ok;
    },
    { what: 'the api to be ready', timeoutMs: 90_000 },
  );
  return {
    url,
    nats,
    child,
    signer: TokenSigner.fromPem(signing.privateKey),
    assetKey: await SealingKey.fromPem(assetKeys.privateKey),
    auditKey: await SealingKey.fromPem(auditKeys.privateKey),
    brokerKey: await SealingKey.fromPem(brokerKeys.privateKey),
    /** Of each request that was answered, in order. */
    traceparents,
    /** Everything that crosses NATS from now on, as text. */
    listen: async (heard: (text: string) => void): Promise<void> => {
      others.subscribe('>', {
        callback: (_error, message) => {
          heard(message.string());
        },
      });
      await others.flush();
    },
    /** Answers a contract as its owner would: role first, then the handler, errors as codes. */
    answer: async <C extends RequestContract>(
      contract: C,
      handler: (request: RequestOf<C>) => ReplyOf<C> | Promise<ReplyOf<C>>,
    ): Promise<void> => {
      const respond = async (data: unknown): Promise<unknown> => {
        const request = contract.request.parse(data) as RequestOf<C> & { actor?: string };
        if (contract.roles) {
          const { roles } = await verifier.identity(request.actor ?? '', 'rest');
          if (!contract.roles.some((role) => roles.includes(role)))
            return { err: { code: 'access.forbidden', message: 'no', retryable: false } };
        }
        return { response: await handler(request) };
      };
      others.subscribe(contract.subject, {
        callback: (_error, message) => {
          traceparents.push(message.headers?.get('traceparent') ?? '');
          const { id, data } = message.json<{ id: string; data: unknown }>();
          respond(data)
            .catch((error: unknown) => ({ err: toWire(error) }))
            .then((answer) => message.respond(JSON.stringify({ id, isDisposed: true, ...(answer as object) })))
            .catch(() => undefined);
        },
      });
      await others.flush(); // the server knows of it now
    },
    stop: async () => {
      await child.stop();
      await others.close();
      await nats.stop();
    },
  };
}
export type Api = Awaited<ReturnType<typeof startApi>>;
