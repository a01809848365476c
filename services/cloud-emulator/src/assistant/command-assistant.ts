import { spawn } from 'node:child_process';
import type { Instance } from '../instances/instance.js';
import { CloudAssistant } from './cloud-assistant.js';
import type { CredentialChange } from './cloud-assistant.js';

/**
 * Runs the instance's own command (no shell) with one JSON object on stdin:
 * `{"instanceId","userName","subType":"Password","password"}` or
 * `{"instanceId","userName","subType":"SSHKey","publicKey","previousPublicKey"?,"otherKeys"?}`.
 * Exit status 0 means that the instance took it. What the command prints is not read.
 */
export class CommandAssistant extends CloudAssistant {
  constructor(private readonly timeoutMs = 60_000) {
    super();
  }

  override async change(instance: Instance, change: CredentialChange): Promise<void> {
    const [file, ...args] = instance.assistant?.command ?? [];
    if (file === undefined) throw new Error('the instance has no command');
    const child = spawn(file, args, {
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: this.timeoutMs,
      killSignal: 'SIGKILL',
    });
    child.stdin.on('error', () => undefined); // a command that does not read its input still has an exit status
    child.stdin.end(JSON.stringify({ instanceId: instance.instanceId, ...change }));
    const status = await new Promise<string>((resolve) => {
      child.once('error', () => {
        resolve('could not be started');
      });
      child.once('exit', (code, signal) => {
        resolve(code === 0 ? 'ok' : `ended with ${signal ?? `status ${code ?? '?'}`}`);
      });
    });
    if (status !== 'ok') throw new Error(`the assistant's command ${status}`);
  }
}
