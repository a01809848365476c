import { createServer } from 'node:net';
import { Failure } from '../../progress.mjs';

/**
 * Fails early and clearly where a process would fail late.
 * @param setting the name of the environment variable that chooses another port
 * @throws Failure when we could not listen there
 */
export function requireFreePort(port: number, setting: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${error.code ?? error.message})`;
      reject(new Failure(`Port ${port} ${why}; free it, or choose another with ${setting}.`));
    });
    server.listen(port, '127.0.0.1', () =>
      server.close(() => {
        resolve();
      }),
    );
  });
}
