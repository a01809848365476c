import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

/** One call to KMS, as it is on the wire. */
export interface SeenCall {
  readonly accessKeyId: string;
  readonly action: string;
}

/** Passes everything on to the emulator and keeps who called what; the signature of the SDK (V1) does not cover the host. */
export async function startRecordingProxy(to: string): Promise<{ endpoint: string; calls: SeenCall[] }> {
  const calls: SeenCall[] = [];
  const server = createServer((incoming, outgoing) => {
    const query = new URL(incoming.url ?? '/', to).searchParams;
    calls.push({ accessKeyId: query.get('AccessKeyId') ?? '', action: query.get('Action') ?? '' });
    const { method, headers, url = '/' } = incoming;
    const onward = request(new URL(url, to), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}
