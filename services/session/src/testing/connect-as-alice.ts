import { once } from 'node:events';
import { connect } from 'node:net';
import { PrivateKey } from '@sallyport/ssh-keys';
import { SshTarget } from '@sallyport/ssh-wire';
import type { Connection, ConnectionOptions } from '@sallyport/ssh-wire';
import type { Bastion } from './start-bastion.js';
import type { Story } from './story.js';

/** A client that does what OpenSSH's cannot be told to do, logged on as alice: at the target, or where `user` says. */
export async function connectAsAlice(
  { bastion, userKey }: Pick<Story, 'userKey'> & { bastion: Pick<Bastion, 'port'> },
  options: ConnectionOptions = {},
  user = 'alice@ops@web-1',
): Promise<{ connection: Connection; leave: () => void }> {
  const socket = connect(bastion.port, '127.0.0.1');
  await once(socket, 'connect');
  const client = await SshTarget.connect(socket, {
    ident: 'test',
    handshakeTimeoutMs: 60_000,
    keepalive: { intervalMs: 15_000, maxMissed: 3 },
    verifyHostKey: () => Promise.resolve(),
  });
  const key = PrivateKey.parse(userKey.privateKey);
  const { publicKeyBlob: publicKey, algorithms } = key;
  const sign = (request: Buffer): Promise<Buffer> => Promise.resolve(key.sign('ssh-ed25519', request));
  await client.authenticate(user, (refusal) =>
    Promise.resolve(refusal ? undefined : { method: 'publickey', publicKey, algorithms, sign }),
  );
  return {
    connection: client.start(options),
    leave: () => {
      client.disconnect(11, 'the test is over');
    },
  };
}
