import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../progress.mjs';
import { bringUp } from './bring-up.js';
import type { LocalFile } from './local-file.js';
import { readSettings } from './settings.js';
import { takeLock } from './state/start-lock.js';
import { StateFolder } from './state/state-folder.js';
import { Supervisor } from './supervisor/supervisor.js';

/**
 * Starts everything on this machine and keeps it running until Ctrl-C or SIGTERM.
 * @throws Failure with one sentence when it cannot be started or a part cannot be brought back; nothing runs then
 */
export async function start(): Promise<void> {
  const settings = readSettings();
  const state = new StateFolder(settings.home);
  const release = takeLock(state.path);
  const supervisor = new Supervisor({ say });
  const told = toldToStop();
  try {
    const local = await Promise.race([bringUp(settings, state, supervisor), told, supervisor.gaveUp]);
    if (local !== 'stop') {
      announce(state, local);
      await Promise.race([told, supervisor.gaveUp]);
    }
    say('stopping');
  } finally {
    await supervisor.stop();
    release();
  }
}

function announce(state: StateFolder, { ssh, api, nats, kms, users, instances }: LocalFile): void {
  say('');
  say(`SSH        ${ssh.host}:${ssh.port}, ED25519 host key ${hostKeyFingerprint(state)}`);
  say(`REST       ${api}/v1 (documentation: ${api}/docs)`);
  say(`KMS, ECS   http://${kms.endpoint}, emulated, region ${kms.regionId}`);
  say(`NATS       ${nats.url}`);
  say(`passwords  ${join(state.path, 'local.json')}`);
  say(`logs       ${join(state.path, 'logs')}`);
  const [first] = instances;
  if (first) {
    const key = users.alice.privateKeyFile;
    say(`try        ssh -i ${quoted(key)} -p ${ssh.port} ${users.alice.username}@${first.name}@${ssh.host}`);
  }
  say('sallyport is ready');
}

/** As `ssh` asks for it the first time, so that nobody has to say "yes" unseen. */
function hostKeyFingerprint(state: StateFolder): string {
  const keys = readFileSync(join(state.path, 'ssh-host-keys.pub'), 'utf8');
  const blob = /^ssh-ed25519 (\S+)/m.exec(keys)?.[1] ?? '';
  return `SHA256:${createHash('sha256').update(blob, 'base64').digest('base64').replace(/=+$/, '')}`;
}

/** For a shell. */
const quoted = (path: string): string => (/^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);

/**
 * Settles at the first signal to stop, or when npm, which would pass signals on to us, is gone. At a second signal we end
 * at once, and what we started is killed.
 */
function toldToStop(): Promise<'stop'> {
  return new Promise((resolve) => {
    let signals = 0;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        signals += 1;
        if (signals > 1) process.exit(1);
        resolve('stop');
      });
    }
    const parent = process.ppid;
    const isGone = (): boolean => process.env['npm_lifecycle_event'] === 'start' && process.ppid !== parent;
    setInterval(() => {
      if (isGone()) resolve('stop');
    }, 500).unref();
  });
}
