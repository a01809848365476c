import { JetStreamRecordingReader } from '@sallyport/messaging';
import { connectWithSeed } from '@sallyport/messaging/deployment';
import { waitFor } from '@sallyport/testing';
import { home, local } from './sallyport.js';
import { readState } from './start-sallyport.js';

/** Returns when what a session's first channel has shown is in the stream, where no crash takes it away. */
export async function isInStream(sessionId: string, text: string): Promise<void> {
  const connection = await connectWithSeed(local.nats.url, readState(home, 'secrets', 'nats-operator.seed'));
  const reader = new JetStreamRecordingReader(connection);
  let after = 0;
  try {
    await waitFor(
      async () => {
        for (let part = await reader.next(sessionId, 0, after); part; part = await reader.next(sessionId, 0, after)) {
          after = part.streamSequence;
          if (Buffer.from(part.data).includes(text)) return true;
        }
        return false;
      },
      { what: `${text} in the stream of recordings` },
    );
  } finally {
    await connection.close();
  }
}
