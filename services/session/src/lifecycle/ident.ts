/**
 * Our software version, towards clients and targets. Several clients look at its beginning to learn what their peer does
 * (docs/decisions/0015-the-name-at-the-door.md): with OpenSSH in front, OpenSSH's own says when nobody reads its output any
 * more (`eow@openssh.com`), without which `ssh HOST yes | head` never ends, and those of SFTP send the arguments of SYMLINK in
 * the order in which OpenSSH's server takes them.
 */
export const IDENT = 'OpenSSH_compatible_Sallyport';
