import { z } from 'zod';

const on = z.boolean().default(true);
const off = z.boolean().default(false);

/** The switches of an object, each of which may be left out, and has no default then. */
function optional<K extends string>(switches: z.ZodObject<Record<K, z.ZodDefault<z.ZodBoolean>>>) {
  const names = switches.keyof().options as K[];
  return Object.fromEntries(names.map((name) => [name, z.boolean().optional()])) as Record<
    K,
    z.ZodOptional<z.ZodBoolean>
  >;
}

/** What may be done to files through sftp and scp, each apart. Reading a directory or the properties of a file is always permitted. */
export const FilePolicy = z.strictObject({
  upload: on,
  download: on,
  rename: on,
  remove: on,
  mkdir: on,
  rmdir: on,
});
export type FilePolicy = z.infer<typeof FilePolicy>;

/**
 * What of the keyboard is recorded: nothing, what the terminal echoed, or everything that is typed or sent, passwords at
 * prompts included. What is shown is always recorded.
 */
export const RecordInput = z.enum(['off', 'echoed', 'all']);
export type RecordInput = z.infer<typeof RecordInput>;

/**
 * What of SSH an authorization permits (RFC 4254). What is left out has its default: work at the target is permitted, and what
 * makes a tunnel of the session is not.
 */
export const ProtocolPolicy = z.strictObject({
  shell: on,
  exec: on,
  sftp: on,
  /** Legacy scp, an exec of `scp -t` or `scp -f`; today's `scp` uses sftp. */
  scp: on,
  /** `direct-tcpip` (-L, -D, -W). */
  localForward: off,
  /** `tcpip-forward` (-R). */
  remoteForward: off,
  /** Unix sockets in either direction: `direct-streamlocal@openssh.com`, `streamlocal-forward@openssh.com`. */
  streamlocal: off,
  agent: off,
  x11: off,
  files: FilePolicy.prefault({}),
  recordInput: RecordInput.default('off'),
});
export type ProtocolPolicy = z.infer<typeof ProtocolPolicy>;

/** A change to a policy: what is left out stays as it is. */
export const ProtocolPolicyChange = z.strictObject({
  ...optional(ProtocolPolicy.omit({ files: true, recordInput: true })),
  files: z.strictObject(optional(FilePolicy)).optional(),
  recordInput: RecordInput.optional(),
});
export type ProtocolPolicyChange = z.infer<typeof ProtocolPolicyChange>;

/** Time limits of a session; absent = none but the deployment's own. */
export const SessionLimits = z.strictObject({
  /** Without input from the user, and without output from the target, for so long. */
  idleSeconds: z.int().min(1).max(604_800).optional(),
  /** From the logon at the target. */
  durationSeconds: z.int().min(1).max(2_592_000).optional(),
});
export type SessionLimits = z.infer<typeof SessionLimits>;

/** What the certificate of a user takes away, beside switches of the policy. */
export const SessionRestrictions = z.strictObject({
  /** Whether there may be one. */
  terminal: z.boolean(),
  /** Runs instead of every shell, command and subsystem; `internal-sftp` is the subsystem sftp. */
  forceCommand: z.string().optional(),
});
export type SessionRestrictions = z.infer<typeof SessionRestrictions>;

/** A change to limits: what is left out stays as it is, and null takes the limit away. */
export const SessionLimitsChange = z.strictObject({
  idleSeconds: SessionLimits.shape.idleSeconds.nullable(),
  durationSeconds: SessionLimits.shape.durationSeconds.nullable(),
});
export type SessionLimitsChange = z.infer<typeof SessionLimitsChange>;
