import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalFile } from '../local-file.js';

/** How a rotation goes; the emulator's README says more. */
export interface RotationWay {
  readonly order: 'host-first' | 'kms-first';
  /** `before`: nothing changed. `after`: the host changed, and KMS calls it failed and has the old value. */
  readonly fail: 'before' | 'after' | null;
}

/** The emulator's admin calls that a storm needs. */
export class EmulatedCloud {
  readonly #base: string;
  readonly #token: string;

  constructor(home: string, { kms }: LocalFile) {
    this.#base = `http://${kms.endpoint}/__emulator/`;
    this.#token = readFileSync(join(home, 'secrets/emulator-admin-token'), 'utf8').trim();
  }

  putInstance(instanceId: string, body: object): Promise<unknown> {
    return this.#call('PUT', `instances/${instanceId}`, body);
  }

  rotateLike(way: RotationWay & { gapMs: number }): Promise<unknown> {
    return this.#call('PUT', 'rotation', way);
  }

  slowDown(delayMs: number): Promise<unknown> {
    return delayMs > 0 ? this.#call('PUT', 'faults', { kind: 'delay', delayMs }) : this.#call('DELETE', 'faults');
  }

  /** A hundred times what an account may do: KMS rotates 50 times an hour at most, and a storm does so in less than a minute. */
  raiseQuotas(): Promise<unknown> {
    return this.#call('PUT', 'rules', { quotaScale: 100 });
  }

  async #call(method: 'PUT' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const response = await fetch(this.#base + path, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, ...(body && { 'content-type': 'application/json' }) },
      body: body ? JSON.stringify(body) : null,
      signal: AbortSignal.timeout(60_000),
    });
    if (!response.ok) throw new Error(`the emulator answered ${response.status} to ${path}`);
    return response.json();
  }
}
