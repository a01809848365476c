export * from './cast.js';
export * from './chunk-hash.js';
export { EchoedInput } from './echoed-input.js';
export { Excerpt } from './excerpt.js';
export * from './sealed-frames.js';
export { Utf8Pieces, type Piece } from './utf8-pieces.js';
