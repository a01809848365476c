import { SshWriter } from '@sallyport/ssh-keys';
import type { IncomingRequest } from '@sallyport/ssh-wire';

/** OpenSSH's word for its own sftp server; a target may have another one. */
const INTERNAL_SFTP = 'internal-sftp';
const starts = new Set(['shell', 'exec', 'subsystem']);

/**
 * The requests of a client whose certificate has a `force-command`: whatever is to be started, that command is, and is told
 * in `SSH_ORIGINAL_COMMAND` what was asked for, as sshd does it (sshd_config(5), ForceCommand). A target takes the variable if its
 * `AcceptEnv` names it.
 * @param command undefined: the requests stay as they are
 */
export async function* forcedTo(
  command: string | undefined,
  requests: AsyncIterable<IncomingRequest>,
): AsyncIterable<IncomingRequest> {
  for await (const request of requests) {
    if (command === undefined || !starts.has(request.name)) {
      yield request;
      continue;
    }
    const original = originalCommand(request);
    if (original) yield original;
    yield { ...request, ...startOf(command) };
  }
}

function startOf(command: string): Pick<IncomingRequest, 'name' | 'payload'> {
  if (command === INTERNAL_SFTP) return { name: 'subsystem', payload: new SshWriter().string('sftp').bytes() };
  return { name: 'exec', payload: new SshWriter().string(command).bytes() };
}

function originalCommand(request: IncomingRequest): IncomingRequest | undefined {
  if (request.name !== 'exec') return undefined;
  // The payload is one string, as the value of the variable is: it goes on as it came.
  const payload = Buffer.concat([new SshWriter().string('SSH_ORIGINAL_COMMAND').bytes(), request.payload]);
  return { name: 'env', wantReply: false, payload, reply: () => undefined };
}
