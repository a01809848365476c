export { addressBlock } from './address-block.js';
export { AddressList } from './address-list.js';
