import { openS3, type S3Place } from '../s3/s3-client.js';
import type { Checkpoint } from './tree-store.js';
import { Witness } from './witness.js';

const timeoutMs = 10_000;
/** As many as a size ever has, so that names are in the order of the log. */
const digits = 16;

/**
 * A bucket with retention, which makes its objects such that nobody can change or remove them: an object for each checkpoint, of
 * the line that a `FileWitness` would write. Its name has the size and the beginning of the root: so the same checkpoint is one
 * object whichever replica tells it, and that of a log written anew takes the place of none.
 */
export class S3Witness extends Witness {
  private opened: ReturnType<typeof openS3> | undefined;
  /** Not every store has conditional writes. Without, the same bytes are written again. */
  private conditional = true;

  constructor(private readonly place: S3Place) {
    super();
  }

  override async tell(checkpoint: Checkpoint): Promise<void> {
    const { sdk } = await this.client();
    try {
      await this.put(checkpoint);
    } catch (error) {
      const code = error instanceof sdk.S3ServiceException ? error.name : '';
      if (code === 'PreconditionFailed') return;
      if (code !== 'NotImplemented' || !this.conditional) throw error;
      this.conditional = false;
      await this.put(checkpoint);
    }
  }

  /** It is given no right to list: whoever verifies a log reads the bucket. */
  override newest(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  private async put({ size, root, note, madeAt }: Checkpoint): Promise<void> {
    const { sdk, client } = await this.client();
    const command = new sdk.PutObjectCommand({
      Bucket: this.place.bucket,
      Key: `checkpoints/${String(size).padStart(digits, '0')}-${root.toString('hex').slice(0, 16)}.json`,
      Body: `${JSON.stringify({ checkpoint: note, madeAt: madeAt.toISOString() })}\n`,
      ContentType: 'application/json',
      ...(this.conditional && { IfNoneMatch: '*' }),
    });
    await client.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) });
  }

  private client(): ReturnType<typeof openS3> {
    return (this.opened ??= openS3(this.place));
  }
}
