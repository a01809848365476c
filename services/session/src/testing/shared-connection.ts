import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun, ServerProcess, tempDir } from '@sallyport/testing';
import type { RunResult } from '@sallyport/testing';
import type { FileStory, Way } from './file-story.js';

/** One connection of OpenSSH's client that all its sessions share (ControlMaster), through the bastion or straight to the host. */
export class SharedConnection {
  readonly #dir = tempDir();
  readonly #use: string[];

  private constructor(
    private readonly story: FileStory,
    private readonly way: Way,
  ) {
    // Where the master's connection takes no further session, ssh would make a connection of its own.
    this.#use = ['-S', join(this.#dir, 'socket'), '-o', 'ProxyCommand=/bin/false'];
  }

  static async open(story: FileStory, way: Way): Promise<SharedConnection> {
    const shared = new SharedConnection(story, way);
    const master = ['-M', '-S', join(shared.#dir, 'socket'), '-v', '-E', join(shared.#dir, 'log'), '-f', '-N'];
    await mustRun('ssh', [...story.options(way), ...master, story.destination(way)]);
    return shared;
  }

  run(command: string, ...args: string[]): Promise<RunResult> {
    return this.story.tool('ssh', this.way, [...this.#use, ...args, this.story.destination(this.way), command]);
  }

  /** A session that says `here`, stays until there is a file of this name in the home folder, and ends with status 7. */
  stay(until: string): ServerProcess {
    const command = `echo here; until test -e ${until}; do sleep 0.05; done; echo going; exit 7`;
    return new ServerProcess('ssh', [
      ...this.story.options(this.way),
      ...this.#use,
      this.story.destination(this.way),
      command,
    ]);
  }

  /** Lines of what the master said (`ssh -v`). */
  async log(): Promise<string[]> {
    return (await readFile(join(this.#dir, 'log'), 'utf8')).split(/\r?\n/);
  }

  async leave(): Promise<void> {
    await this.run('', '-O', 'exit');
  }
}
