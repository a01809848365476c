/** Where SSH clients find the bastion. */
export interface SshDoor {
  readonly host: string;
  readonly port: number;
  /** `TYPE BASE64` of each public host key. */
  readonly hostKeys: readonly string[];
}

const CONFIG = 'sallyport.conf';
const KNOWN_HOSTS = 'sallyport_known_hosts';
/**
 * What means itself in ssh_config(5), in patterns and in values alike, for every version of OpenSSH: no white space, quotes,
 * `\`, `%`, `$`, `#`, `*`, `?`, `!` or `,`, and nothing that could start a line of its own.
 */
const PLAIN = /^[\p{L}\p{N}_][\p{L}\p{N}_.@+-]*$/u;

/** The beginning of the file, with the bastion itself, whose menu has all targets. */
export function configHead(username: string, door: SshDoor): string {
  return [
    `# Sallyport: where ${username} may log on. Save this as ~/.ssh/${CONFIG}, what GET /v1/me/known-hosts answers as`,
    `# ~/.ssh/${KNOWN_HOSTS}, and put this line at the top of ~/.ssh/config:`,
    `#   Include ${CONFIG}`,
    '',
    '# A menu of all targets.',
    block(['sallyport'], username, door),
  ].join('\n');
}

/** A host with all its accounts. `ssh HOST` means the only one; `ssh ACCOUNT+HOST` means one of several. */
export function configOf(username: string, host: string, accounts: readonly string[], door: SshDoor): string {
  const typeable = accounts.filter((account) => PLAIN.test(account) && PLAIN.test(host));
  const [only] = typeable;
  if (only === undefined) return '# A target is left out whose name ssh_config cannot hold: use the menu.\n\n';
  if (accounts.length === 1) return block([host, `${only}+${host}`], `${username}@${only}@${host}`, door);
  // Without an account, the bastion answers with the ones that there are.
  const several = block([host], `${username}@${host}`, door);
  return [
    several,
    ...typeable.map((account) => block([`${account}+${host}`], `${username}@${account}@${host}`, door)),
  ].join('');
}

/** Lines of known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT); a port of its own stands beside the name in brackets. */
export function knownHosts({ host, port, hostKeys }: SshDoor): string {
  const name = port === 22 ? host : `[${host}]:${port}`;
  return hostKeys.map((key) => `${name} ${key}\n`).join('');
}

function block(patterns: readonly string[], user: string, { host, port }: SshDoor): string {
  return [
    `Host ${patterns.join(' ')}`,
    `    HostName ${host}`,
    `    Port ${port}`,
    `    User ${user}`,
    `    UserKnownHostsFile ~/.ssh/${KNOWN_HOSTS}`,
    '    StrictHostKeyChecking yes',
    '\n',
  ].join('\n');
}
