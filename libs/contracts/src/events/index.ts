export * from './access.js';
export * from './administration.js';
export * from './credential.js';
export * from './field.js';
export * from './file.js';
export * from './host-key.js';
export * from './logon.js';
export * from './session.js';
