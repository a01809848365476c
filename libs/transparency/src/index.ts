export * from './checkpoint.js';
export * from './export-format.js';
export * from './merkle-tree.js';
export * from './proofs.js';
export * from './signed-note.js';
export * from './verify-export.js';
