import { baseSettings, count, port, secretText } from '@sallyport/config';
import { Cidr } from '@sallyport/contracts';
import { hostKeyType, PACKET_LIMIT_BYTES } from '@sallyport/ssh-wire';
import { z } from 'zod';

/** As text that nobody sees, and of a type that is known before anybody connects. */
const hostKey = (type: 'ssh-ed25519' | 'ssh-rsa') =>
  secretText().refine((key) => hostKeyType(key.expose()) === type, {
    error: `must be a private key of type ${type} without passphrase, as ssh-keygen writes it`,
  });

export const settings = z.object({
  ...baseSettings,
  /** Where SSH clients connect. */
  SESSION_SSH_HOST: z.string().default('0.0.0.0'),
  SESSION_SSH_PORT: port().default(60_022),
  /** The bastion's own host keys, without passphrase, in OpenSSH or PEM form: the same on every replica. */
  SESSION_HOST_KEY_ED25519: hostKey('ssh-ed25519'),
  SESSION_HOST_KEY_RSA: hostKey('ssh-rsa').optional(),
  /** X25519, PEM: users' passwords are sealed to it. */
  ASSET_SEALING_PUBLIC_KEY: z.string().includes('BEGIN PUBLIC KEY', { error: 'must be a PEM public key' }),
  /** From the TCP connection to the end of authentication. */
  SESSION_LOGIN_GRACE_SECONDS: count(1, 600).default(120),
  /** Passwords and signatures that may be wrong on one connection. Keys that are only offered count apart. */
  SESSION_MAX_AUTH_TRIES: count(1, 20).default(6),
  /** Connections that are not authenticated yet. */
  SESSION_MAX_UNAUTHENTICATED: count(1, 10_000).default(200),
  /** …of one address (an IPv6 /64), so that nobody takes all the places. */
  SESSION_MAX_UNAUTHENTICATED_PER_ADDRESS: count(1, 10_000).default(100),
  /** Processes behind the one port, each for a core of its own. The limits that follow are for all of them together. */
  SESSION_PROCESSES: count(1, 256).default(1),
  /** Sessions on this process; further ones are refused, as they are when one of the next two is reached. */
  SESSION_MAX_SESSIONS: count(1, 100_000).default(2_000),
  /** Memory of the process, as the operating system counts it; 80 % of what the machine or container has unless told. */
  SESSION_MAX_MEMORY_BYTES: count(16 * 1024 * 1024, 2 ** 50).optional(),
  /** By how much the process is late for what it has to do, on average over two seconds. */
  SESSION_MAX_DELAY_MS: count(1, 60_000).default(500),
  /** Connections of one address that end without being authenticated, in a minute; then it waits until the minute is over. */
  SESSION_MAX_FAILURES_PER_MINUTE: count(1, 100_000).default(300),
  /**
   * Addresses and networks of load balancers, comma-separated, whose connections begin with a header of the PROXY protocol,
   * version 2. From everybody else there must be none.
   */
  SESSION_PROXY_ADDRESSES: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.union([Cidr, z.literal('')])))
    .transform((parts) => parts.filter((part) => part !== '')),
  /** For the TCP connection to a target, and again for the key exchange with it. */
  SESSION_DIAL_TIMEOUT_SECONDS: count(1, 120).default(10),
  /** A peer that is silent for this long is asked for a sign of life; after three questions without one it is given up. */
  SESSION_KEEPALIVE_SECONDS: count(1, 600).default(15),
  /** What a peer may send on a channel before it was passed on; throughput is at most this per round trip. */
  SESSION_WINDOW_BYTES: count(65_536, 64 * 1024 * 1024).default(2 * 1024 * 1024),
  /** Most data in one message of a channel: what we take, and send to a peer that takes as much. */
  SESSION_PACKET_BYTES: count(4_096, PACKET_LIMIT_BYTES).default(32_768),
  /** Without data in either direction on any channel; for a session whose authorization has no limit of its own. */
  SESSION_IDLE_SECONDS: count(1, 604_800).optional(),
  /** From the logon at the target; likewise. */
  SESSION_DURATION_SECONDS: count(1, 2_592_000).optional(),
  /** How long before such an end a warning comes, on terminals. */
  SESSION_WARN_SECONDS: count(1, 3_600).default(60),
  /** How long recordings may not be taken by their stream until a session that has something to record ends. */
  SESSION_RECORDING_GRACE_SECONDS: count(1, 60).default(10),
  /** How long a menu may stand without a key. */
  SESSION_MENU_IDLE_SECONDS: count(1, 86_400).default(600),
  /** After SIGTERM, how long sessions may go on; a second SIGTERM ends them at once. */
  SESSION_DRAIN_SECONDS: count(0, 86_400).default(25),
});
export type Settings = z.infer<typeof settings>;
