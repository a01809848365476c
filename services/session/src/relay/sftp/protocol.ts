/** SSH_FXP types of version 3 (draft-ietf-secsh-filexfer-02 section 3). */
export const Fxp = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  symlink: 20,
  status: 101,
  handle: 102,
  data: 103,
  extended: 200,
} as const;

/** SSH_FX codes of SSH_FXP_STATUS (section 7). */
export const Fx = { ok: 0, permissionDenied: 3, failure: 4, opUnsupported: 8 } as const;

/** The version that is spoken here; later ones lay out requests in other ways. */
export const VERSION = 3;

/** Longest handle (section 6.3). */
export const HANDLE_BYTES = 256;
