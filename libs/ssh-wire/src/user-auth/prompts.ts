import { SshReader, SshWriter } from '@sallyport/ssh-keys';
import { Message } from '../messages.js';
import { SshError } from '../ssh-error.js';

/** One question of keyboard-interactive (RFC 4256). */
export interface Prompt {
  /** Such as `Password: `; on one line. */
  readonly text: string;
  /** Whether the client may show what is typed. */
  readonly echo: boolean;
}

const ANSWER_LIMIT_BYTES = 1_024;

/**
 * ```
 * byte      SSH_MSG_USERAUTH_INFO_REQUEST
 * string    name
 * string    instruction
 * string    language tag, deprecated
 * int       num-prompts
 * string    prompt   } each
 * boolean   echo     }
 * ```
 * RFC 4256 section 3.2.
 */
export function formatPrompts(prompts: readonly Prompt[]): Buffer {
  const writer = new SshWriter().byte(Message.userauthInfoRequest).string('').string('').string('');
  writer.uint32(prompts.length);
  for (const { text, echo } of prompts) writer.string(text).boolean(echo);
  return writer.bytes();
}

/**
 * ```
 * byte      SSH_MSG_USERAUTH_INFO_RESPONSE
 * int       num-responses
 * string    response, UTF-8, each
 * ```
 * RFC 4256 section 3.4, which also says that their number must be that of the prompts.
 * @param payload kept by the answers, not copied
 * @param asked how many prompts there were
 * @throws SshError `protocol`, SshFormatError
 */
export function readAnswers(payload: Buffer, asked: number): Buffer[] {
  const reader = new SshReader(payload);
  reader.byte();
  if (reader.uint32() !== asked) throw new SshError('protocol', 'not as many answers as questions');
  const answers = Array.from({ length: asked }, () => reader.string(ANSWER_LIMIT_BYTES));
  reader.end();
  return answers;
}
