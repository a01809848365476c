import type { Settings } from '../config.js';
import { s3PlaceOf } from '../s3/s3-place.js';
import { FileWitness } from './witness-file.js';
import { S3Witness } from './witness-s3.js';
import { WebhookWitness } from './witness-webhook.js';
import type { Witness } from './witness.js';

/** @throws Error that says what to set */
export function witnessesOf(settings: Settings): Witness[] {
  const { AUDIT_WITNESS_FILE: file, AUDIT_WITNESS_URL: url } = settings;
  const place = s3PlaceOf(settings, 'AUDIT_WITNESS');
  return [
    ...(file === undefined ? [] : [new FileWitness(file)]),
    ...(url === undefined ? [] : [new WebhookWitness(url)]),
    ...(place === undefined ? [] : [new S3Witness(place)]),
  ];
}
