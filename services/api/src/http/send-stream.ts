import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Answers with what comes, as fast as the client takes it. A client that leaves ends the source; a source that fails cuts
 * the connection, so that nobody takes a part for the whole.
 */
export async function sendStream(
  mediaType: string,
  source: AsyncIterable<string>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value);
  reply.raw.setHeader('content-type', `${mediaType}; charset=utf-8`);
  reply.raw.writeHead(200);
  const body = Readable.from(request.method === 'HEAD' ? [] : source, { objectMode: true });
  await pipeline(body, reply.raw).catch(() => reply.raw.destroy());
  return reply;
}
