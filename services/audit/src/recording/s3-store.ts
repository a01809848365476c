import { addAbortSignal, Readable } from 'node:stream';
import type * as Sdk from '@aws-sdk/client-s3';
import type { CompletedPart, GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { openS3, type S3Place } from '../s3/s3-client.js';
import { RecordingStore, type RecordingWriting } from './recording-store.js';

/** S3 takes no part below 5 MiB but the last, and 10,000 of them: 78 GiB of what is compressed already. */
const partBytes = 8 * 1024 * 1024;
/** A call with all of its tries; who looks at a recording waits for less. */
const callMs = 60_000;
const readMs = 10_000;

/** A bucket of S3, or of what speaks its protocol. */
export class S3Store extends RecordingStore {
  private constructor(
    private readonly sdk: typeof Sdk,
    private readonly client: S3Client,
    private readonly bucket: string,
  ) {
    super();
  }

  /** While the bucket is away, recordings wait. */
  static async open(place: S3Place): Promise<S3Store> {
    const { sdk, client } = await openS3(place);
    return new S3Store(sdk, client, place.bucket);
  }

  override create(object: string): Promise<RecordingWriting> {
    return Promise.resolve(new Upload(this.sdk, this.client, { Bucket: this.bucket, Key: object }));
  }

  override async read(object: string, offset: number, length: number): Promise<Buffer> {
    if (length === 0) return Buffer.alloc(0);
    const command = new this.sdk.GetObjectCommand({
      ...{ Bucket: this.bucket, Key: object, Range: `bytes=${offset}-${offset + length - 1}` },
    });
    const abortSignal = AbortSignal.timeout(readMs);
    try {
      return await bodyOf(await this.client.send(command, { abortSignal }), length, abortSignal);
    } catch (error) {
      if (this.isAbsent(error)) return Buffer.alloc(0);
      throw error;
    }
  }

  private isAbsent(error: unknown): boolean {
    return error instanceof this.sdk.S3ServiceException && ['NoSuchKey', 'InvalidRange'].includes(error.name);
  }
}

/** What was asked for, and no more: a server that sends the whole object instead is left. */
async function bodyOf({ Body: body }: GetObjectCommandOutput, length: number, signal: AbortSignal): Promise<Buffer> {
  if (!(body instanceof Readable)) return Buffer.alloc(0);
  // The SDK's own limits end with the head of the answer.
  addAbortSignal(signal, body);
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > length) throw new Error('the recording store sends more than the part that it was asked for');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** An object as one PUT, or as a multipart upload when it is large. There is nothing to be seen of it before `commit`. */
class Upload implements RecordingWriting {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private uploadId: string | undefined;
  private readonly parts: CompletedPart[] = [];

  constructor(
    private readonly sdk: typeof Sdk,
    private readonly client: S3Client,
    private readonly object: { readonly Bucket: string; readonly Key: string },
  ) {}

  async write(bytes: Buffer): Promise<void> {
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    if (this.waitingBytes >= partBytes) await this.sendPart();
  }

  async commit(): Promise<void> {
    if (this.uploadId === undefined) {
      await this.client.send(new this.sdk.PutObjectCommand({ ...this.object, Body: this.taken() }), timeLimit());
      return;
    }
    if (this.waitingBytes > 0) await this.sendPart();
    const upload = { ...this.object, UploadId: this.uploadId, MultipartUpload: { Parts: this.parts } };
    await this.client.send(new this.sdk.CompleteMultipartUploadCommand(upload), timeLimit());
  }

  async abort(): Promise<void> {
    if (this.uploadId === undefined) return;
    const upload = { ...this.object, UploadId: this.uploadId };
    await this.client.send(new this.sdk.AbortMultipartUploadCommand(upload), timeLimit());
  }

  private async sendPart(): Promise<void> {
    if (this.uploadId === undefined) {
      const started = await this.client.send(new this.sdk.CreateMultipartUploadCommand(this.object), timeLimit());
      if (started.UploadId === undefined) throw new Error('the recording store gave the upload no id');
      this.uploadId = started.UploadId;
    }
    const PartNumber = this.parts.length + 1;
    const part = { ...this.object, UploadId: this.uploadId, PartNumber, Body: this.taken() };
    const { ETag } = await this.client.send(new this.sdk.UploadPartCommand(part), timeLimit());
    if (ETag === undefined) throw new Error('the recording store gave a part no ETag');
    this.parts.push({ PartNumber, ETag });
  }

  private taken(): Buffer {
    const bytes = Buffer.concat(this.waiting);
    this.waiting = [];
    this.waitingBytes = 0;
    return bytes;
  }
}

const timeLimit = () => ({ abortSignal: AbortSignal.timeout(callMs) });
