import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloudAssistant, tempDir, waitFor } from '@sallyport/testing';
import { emulator } from './sallyport.js';
import { regionId, type RealHost } from './real-host.js';

/** What Cloud Assistant waits for: before it changes the host, and before it tells KMS that it has. */
type Gate = 'change' | 'tell';

/** Reads the change, and goes through the gates; what it changes is done by the command behind the folder. */
const GATES = `
folder=$1; shift
change=$(cat)
until [ -e "$folder/change" ]; do sleep 0.02; done
printf '%s' "$change" | "$@" || exit 1
: >"$folder/changed"
until [ -e "$folder/tell" ]; do sleep 0.02; done
`;

/** The two halves of a rotation of a host's secrets, each when a test says so. The gates are open at first. */
export class GatedRotation {
  private constructor(private readonly folder: string) {}

  static async of({ sshd, instanceId, name }: RealHost): Promise<GatedRotation> {
    const gates = new GatedRotation(tempDir());
    const assistant = sshd.argv([process.execPath, cloudAssistant]);
    await emulator('PUT', `instances/${instanceId}`, {
      ...{ name, address: sshd.address, port: sshd.port, regionId },
      assistant: { command: ['sh', '-c', GATES, 'gates', gates.folder, ...assistant] },
    });
    gates.openAll();
    return gates;
  }

  hold(gate: Gate): void {
    rmSync(this.#path(gate), { force: true });
    rmSync(this.#path('changed'), { force: true });
  }

  open(gate: Gate): void {
    writeFileSync(this.#path(gate), '');
  }

  openAll(): void {
    this.open('change');
    this.open('tell');
  }

  /** The host has the new value. */
  async changed(): Promise<void> {
    await waitFor(() => existsSync(this.#path('changed')), { what: 'the host to change' });
  }

  #path(name: Gate | 'changed'): string {
    return join(this.folder, name);
  }
}
