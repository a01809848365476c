import type * as Sdk from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Secret } from '@sallyport/secret';

export interface S3Place {
  readonly bucket: string;
  readonly region: string;
  /** Of what is not AWS itself: `https://s3.oss-cn-hangzhou.aliyuncs.com`. */
  readonly endpoint: string | undefined;
  /** The bucket in the path instead of the host's name: MinIO wants it, OSS refuses it. */
  readonly pathStyle: boolean;
  /** Else the SDK's own chain: environment, profile, role of the instance or the pod. */
  readonly accessKey: { readonly id: string; readonly secret: Secret<string> } | undefined;
}

const connectMs = 3_000;
/** Without an answer. */
const silentMs = 10_000;

/** The SDK is large, and loaded only here. Asks the bucket nothing: it may be away. */
export async function openS3({
  region,
  endpoint,
  pathStyle,
  accessKey,
}: S3Place): Promise<{ sdk: typeof Sdk; client: S3Client }> {
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client({
    region,
    ...(endpoint !== undefined && { endpoint }),
    forcePathStyle: pathStyle,
    ...(accessKey && { credentials: { accessKeyId: accessKey.id, secretAccessKey: accessKey.secret.expose() } }),
    // Unless asked for, the SDK adds checksums in a form (aws-chunked trailers) that OSS and others refuse.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: connectMs, requestTimeout: silentMs, throwOnRequestTimeout: true },
    maxAttempts: 3,
  });
  return { sdk, client };
}
