import type { Settings } from '../config.js';
import type { S3Place } from './s3-client.js';

/**
 * The bucket that settings name; undefined where they name none.
 * @throws Error that says what to set
 */
export function s3PlaceOf(settings: Settings, what: 'AUDIT_RECORDING' | 'AUDIT_WITNESS'): S3Place | undefined {
  const bucket = settings[`${what}_BUCKET`];
  if (bucket === undefined) return undefined;
  const region = settings[`${what}_S3_REGION`];
  if (region === undefined) throw new Error(`${what}_S3_REGION is missing`);
  const id = settings[`${what}_S3_ACCESS_KEY_ID`];
  const secret = settings[`${what}_S3_SECRET_ACCESS_KEY`];
  if ((id === undefined) !== (secret === undefined))
    throw new Error(`${what}_S3_ACCESS_KEY_ID and ${what}_S3_SECRET_ACCESS_KEY go together`);
  return {
    bucket,
    region,
    endpoint: settings[`${what}_S3_ENDPOINT`],
    pathStyle: settings[`${what}_S3_PATH_STYLE`],
    accessKey: id !== undefined && secret !== undefined ? { id, secret } : undefined,
  };
}
