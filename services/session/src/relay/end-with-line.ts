import { exitStatus } from '@sallyport/ssh-wire';
import type { Channel } from '@sallyport/ssh-wire';

/** As `ssh` itself ends when there is no connection: scripts take it for that, and not for a result of their command. */
const EXIT_STATUS = 255;
const starts = new Set(['shell', 'exec', 'subsystem']);

/** Tells the user something in one line on stderr, and ends the channel with exit status 255. */
export async function endWithLine(
  channel: Pick<Channel, 'write' | 'request' | 'sendEof' | 'close'>,
  line: string,
  terminal: boolean,
): Promise<void> {
  // A terminal is in raw mode by now: it needs the carriage return.
  await channel.write(Buffer.from(`${line}${terminal ? '\r\n' : '\n'}`), true);
  await channel.request({ name: 'exit-status', wantReply: false, payload: exitStatus(EXIT_STATUS) });
  channel.sendEof();
  channel.close();
}

/** Serves a session channel that will reach no target: whatever it starts gets the line. Ends with the channel. */
export async function tellOnChannel(channel: Channel, line: string): Promise<void> {
  void drop(channel);
  let terminal = false;
  for await (const request of channel.requests()) {
    terminal ||= request.name === 'pty-req';
    request.reply(true);
    if (starts.has(request.name)) await endWithLine(channel, line, terminal);
  }
}

async function drop(channel: Channel): Promise<void> {
  const events = channel.incoming();
  while (!(await events.next()).done);
}
