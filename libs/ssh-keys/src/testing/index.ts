export { newKey, softCertificate } from './soft-certificate.js';
export type { CertificateFields } from './soft-certificate.js';
export { softAuthenticator } from './soft-authenticator.js';
export type { SoftAuthenticator } from './soft-authenticator.js';
export { freshKeys } from './fresh-keys.js';
export type { FreshKeys, FreshKeyType } from './fresh-keys.js';
