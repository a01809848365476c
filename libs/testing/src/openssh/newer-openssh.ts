import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackDebianPackage } from '../debian-package.js';
import { run } from '../run.js';

/** OpenSSH of a later release than this machine's, in a folder of its own with the libraries that it needs. */
export interface NewerOpenssh {
  /** What goes before the arguments of `ssh`, and runs it with its own libraries. */
  readonly ssh: readonly [string, ...string[]];
  /** Its `sshd` needs these files in /usr, as in a machine of `startSshd`. */
  readonly usr: string;
  /** As `ssh -V` says. */
  readonly version: string;
}

const SUITES = ['trixie', 'trixie-backports'];
const PACKAGES = [
  ...['openssh-client', 'openssh-server', 'openssh-sftp-server', 'libc6', 'libssl3t64', 'zlib1g', 'libzstd1'],
  ...['libgssapi-krb5-2', 'libkrb5-3', 'libk5crypto3', 'libcom-err2', 'libkrb5support0', 'libkeyutils1', 'libselinux1'],
  ...['libpcre2-8-0', 'libedit2', 'libtinfo6', 'libbsd0', 'libmd0', 'libfido2-1', 'libcbor0.10', 'libudev1', 'libcap2'],
  ...['libpam0g', 'libpam-modules', 'libaudit1', 'libcap-ng0', 'libcrypt1', 'libwrap0', 'libwtmpdb0', 'libsqlite3-0'],
] as const;

let found: Promise<NewerOpenssh> | undefined;

/**
 * Debian's newest backport, unpacked into the cache; nothing is installed. For what the machine's own OpenSSH cannot do:
 * ML-KEM since 9.9, the warning of exchanges that are not post-quantum since 10.1.
 * @throws Error where Debian's packages cannot be had, or do not run here
 */
export function newerOpenssh(): Promise<NewerOpenssh> {
  found ??= find();
  return found;
}

async function find(): Promise<NewerOpenssh> {
  const folder = await unpackDebianPackage(PACKAGES, { as: 'openssh-newer', suites: SUITES });
  const usr = join(folder, 'usr');
  const [triplet] = (await readdir(join(usr, 'lib'))).filter((name) => name.endsWith('-linux-gnu'));
  const libraries = join(usr, 'lib', triplet ?? '');
  const [loader] = (await readdir(libraries)).filter((name) => /^ld-linux.*\.so\.\d$/.test(name));
  if (loader === undefined) throw new Error(`no loader in ${libraries}`);
  const program = join(usr, 'bin/ssh');
  await access(program);
  const ssh = [join(libraries, loader), '--library-path', libraries, program] as const;
  const { code, stderr } = await run(ssh[0], [...ssh.slice(1), '-V']);
  if (code !== 0) throw new Error(`${program} does not run here: ${stderr.trim()}`);
  return { ssh: [...ssh], usr, version: stderr.trim() };
}
