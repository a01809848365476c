import type { Cloud } from '../stack/emulator-member.js';

/** A simulated instance, as the emulator's admin calls show it. */
export interface SimulatedInstance {
  instanceId: string;
  name: string;
  regionId: string;
  /** User names. */
  accounts: string[];
}

/** What an instance takes for a logon, before anybody has rotated it. */
export interface AccountCredential {
  userName: string;
  password?: string;
  publicKey?: string;
  privateKey?: string;
}

export interface AccessKey {
  accessKeyId: string;
  accessKeySecret: string;
}

/** The emulator's calls that the cloud does not have. They stand for the person who knows the servers' first passwords. */
export class EmulatorAdmin {
  constructor(private readonly cloud: Cloud) {}

  async instances(): Promise<SimulatedInstance[]> {
    const { instances } = (await this.#get('state')) as { instances: (SimulatedInstance & { simulated: boolean })[] };
    return instances.filter(({ simulated }) => simulated);
  }

  credential(instanceId: string, userName: string): Promise<AccountCredential> {
    return this.#get(`instances/${instanceId}/accounts/${userName}`) as Promise<AccountCredential>;
  }

  /** A RAM user with this access key and one policy; what there was under the name is replaced. */
  async putRamUser(name: string, policy: unknown, accessKey: AccessKey): Promise<void> {
    await this.#call('PUT', `ram/policies/${name}`, policy);
    await this.#call('PUT', `ram/users/${name}`, { policies: [name], accessKey });
  }

  #get(path: string): Promise<unknown> {
    return this.#call('GET', path);
  }

  async #call(method: 'GET' | 'PUT', path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`http://${this.cloud.endpoint}/__emulator/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: { authorization: `Bearer ${this.cloud.adminToken}` },
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`the emulator answered ${response.status} to ${path}`);
    return response.json();
  }
}
