export { connectWithSeed } from '../connection.js';
export * from './identities.js';
export * from './permissions.js';
export * from './server-config.js';
export * from './set-up-streams.js';
