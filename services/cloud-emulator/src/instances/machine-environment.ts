/** Who logged on, from where, and where his home is. */
export interface Logon {
  readonly userName: string;
  /** A folder in the emulator's state; the processes run as the user that runs the emulator. */
  readonly home: string;
  readonly client: { readonly address: string; readonly port: number };
  readonly server: { readonly address: string; readonly port: number };
}

const maxVariables = 100;
const maxBytes = 32 * 1024;

/** The environment of a session: made new, nothing of the emulator's own, and what the client sent within limits. */
export class SessionEnvironment {
  readonly #sent = new Map<string, string>();
  #bytes = 0;

  constructor(
    private readonly logon: Logon,
    private readonly shell: string,
  ) {}

  /** False when the variable is refused. */
  set(name: string, value: string): boolean {
    this.#bytes += name.length + value.length;
    const allowed = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !value.includes('\0');
    if (!allowed || this.#sent.size >= maxVariables || this.#bytes > maxBytes) return false;
    this.#sent.set(name, value);
    return true;
  }

  variables(terminal?: string): Record<string, string> {
    const { userName, home, client, server } = this.logon;
    return {
      ...Object.fromEntries(this.#sent),
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: home,
      USER: userName,
      LOGNAME: userName,
      SHELL: this.shell,
      SSH_CLIENT: `${client.address} ${client.port} ${server.port}`,
      SSH_CONNECTION: `${client.address} ${client.port} ${server.address} ${server.port}`,
      ...(terminal !== undefined && { TERM: terminal }),
    };
  }
}
