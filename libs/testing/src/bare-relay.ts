import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { ClientCallback, ClientChannel, ServerChannel } from 'ssh2';
import ssh2 from 'ssh2';

/**
 * The yardstick of a relay in Node: `ssh2` as it comes, two connections and their streams piped into each other. It lets everybody
 * in, records nothing and keeps no policy. Run as a process of its own; prints its port.
 * @param target as `host port account private-key-file cipher` in the arguments of the process
 */
const [host = '', port = '', username = '', keyFile = '', cipher = ''] = process.argv.slice(2);
const algorithms = { cipher: [cipher as 'aes128-gcm@openssh.com'] };
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

const server = new ssh2.Server({ hostKeys: [privateKey], algorithms }, (client) => {
  const target = new ssh2.Client();
  const ready = new Promise<void>((resolve) => target.once('ready', resolve));
  client.on('error', () => target.end());
  target.on('error', () => client.end());
  client.on('close', () => target.end());
  client.on('authentication', (authentication) => {
    authentication.accept();
  });
  client.on('session', (accept) => {
    const session = accept();
    const start = (channel: ServerChannel, open: (opened: ClientCallback) => void): void => {
      const opened: ClientCallback = (error, far) => {
        if (error) channel.close();
        else join(channel, far);
      };
      void ready.then(() => {
        open(opened);
      });
    };
    session.on('exec', (accepted, _reject, { command }) => {
      start(accepted(), (opened) => target.exec(command, opened));
    });
    session.on('subsystem', (accepted, _reject, { name }) => {
      start(accepted(), (opened) => target.subsys(name, opened));
    });
  });
  target.connect({ host, port: Number(port), username, privateKey: readFileSync(keyFile), algorithms });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});

function join(near: ServerChannel, far: ClientChannel): void {
  near.pipe(far);
  far.pipe(near, { end: false });
  far.stderr.pipe(near.stderr, { end: false });
  far.on('exit', (code: number | null) => {
    near.exit(code ?? 255);
  });
  far.on('close', () => near.end());
}
