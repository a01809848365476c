import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { tempDir } from './temp-dir.js';

/** A key that an agent holds, whatever it is made of. */
export interface AgentKey {
  readonly type: string;
  readonly publicKeyBlob: Buffer;
  /** The whole signature blob. */
  sign(data: Buffer): Buffer;
}

/** An `ssh-agent` whose keys sign as the test says: keys of authenticators that nobody has, say. */
export interface SshAgent {
  /** For `ssh -o IdentityAgent=…`. */
  readonly socket: string;
  /** Its first key as OpenSSH writes it, for `ssh -i`: the agent then signs by that key and no other. */
  readonly publicKeyFile: string;
  stop(): void;
}

/** Of draft-ietf-sshm-ssh-agent section 8.1, what logging on needs. Everything else is answered with a failure. */
const FAILURE = 5;
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;

/**
 * Each message is
 * ```
 * uint32    length of what follows
 * byte      type
 * byte[]    contents
 * ```
 */
export async function startSshAgent(...keys: readonly [AgentKey, ...AgentKey[]]): Promise<SshAgent> {
  const folder = tempDir();
  const [socket, publicKeyFile] = [join(folder, 'agent'), join(folder, 'key.pub')];
  const [{ type, publicKeyBlob }] = keys;
  await writeFile(publicKeyFile, `${type} ${publicKeyBlob.toString('base64')}\n`);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client.on('error', () => undefined));
    let waiting = Buffer.alloc(0);
    client.on('data', (bytes: Buffer) => {
      waiting = Buffer.concat([waiting, bytes]);
      while (waiting.length >= 4 && waiting.length >= 4 + waiting.readUInt32BE()) {
        const end = 4 + waiting.readUInt32BE();
        client.write(string(answer(keys, waiting.subarray(4, end))));
        waiting = waiting.subarray(end);
      }
    });
  });
  await once(server.listen(socket), 'listening');
  return {
    socket,
    publicKeyFile,
    stop: () => {
      server.close();
      for (const client of open) client.destroy();
    },
  };
}

function answer(keys: readonly AgentKey[], request: Buffer): Buffer {
  switch (request[0]) {
    case REQUEST_IDENTITIES: {
      const listed = keys.flatMap(({ publicKeyBlob }) => [string(publicKeyBlob), string(Buffer.from('test'))]);
      return Buffer.concat([Buffer.of(IDENTITIES_ANSWER), uint32(keys.length), ...listed]);
    }
    case SIGN_REQUEST: {
      // string key blob, string data, uint32 flags
      const blobEnd = 5 + request.readUInt32BE(1);
      const key = keys.find(({ publicKeyBlob }) => publicKeyBlob.equals(request.subarray(5, blobEnd)));
      if (!key) return Buffer.of(FAILURE);
      const data = request.subarray(blobEnd + 4, blobEnd + 4 + request.readUInt32BE(blobEnd));
      return Buffer.concat([Buffer.of(SIGN_RESPONSE), string(key.sign(data))]);
    }
    default:
      return Buffer.of(FAILURE);
  }
}

const string = (bytes: Buffer): Buffer => Buffer.concat([uint32(bytes.length), bytes]);

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
