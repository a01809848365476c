import { join } from 'node:path';
import { mustRun, run, tempDir } from '@sallyport/testing';
import type { RunOptions, RunResult } from '@sallyport/testing';
import type { Story } from './story.js';

/** One connection of OpenSSH's client that stays, and to which things are added: channels, forwards. */
export class SshMaster {
  readonly #socket = join(tempDir(), 'master');
  readonly #options: string[];

  private constructor(
    private readonly destination: string,
    { bastion, userKey }: Story,
    more: readonly string[],
  ) {
    const options = ['UserKnownHostsFile=/dev/null', 'StrictHostKeyChecking=no', 'BatchMode=yes', 'LogLevel=ERROR'];
    this.#options = [
      ...['-F', 'none', '-p', String(bastion.port), '-i', userKey.privateKeyFile, '-S', this.#socket],
      ...[...options, 'IdentitiesOnly=yes', 'ConnectTimeout=60'].flatMap((option) => ['-o', option]),
      ...more,
    ];
  }

  static async connect(story: Story, more: readonly string[] = [], env: RunOptions['env'] = {}): Promise<SshMaster> {
    const master = new SshMaster('alice@ops@web-1@127.0.0.1', story, more);
    await mustRun('ssh', [...master.#options, '-M', '-f', '-N', master.destination], { env });
    return master;
  }

  run(command: string, options: RunOptions = {}): Promise<RunResult> {
    return run('ssh', [...this.#options, this.destination, command], options);
  }

  /** `-L`, `-R` and so on. @returns what it printed: the port that was chosen for a `-R` with port 0 */
  async forward(...what: string[]): Promise<string> {
    return (await mustRun('ssh', [...this.#options, '-O', 'forward', ...what, this.destination])).trim();
  }

  cancel(...what: string[]): Promise<string> {
    return mustRun('ssh', [...this.#options, '-O', 'cancel', ...what, this.destination]);
  }

  async leave(): Promise<void> {
    await run('ssh', [...this.#options, '-O', 'exit', this.destination]);
  }
}
