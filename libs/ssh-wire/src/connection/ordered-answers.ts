import { SshError } from '../ssh-error.js';

/** Answers that leave in the order of the requests (RFC 4254 sections 4 and 5.4), whenever each is ready. */
export class OrderedAnswers<Answer> {
  /** Oldest first; undefined while we do not know it. */
  readonly #waiting: { answer: Answer | undefined }[] = [];

  /** @param limit requests may come faster than they are answered, but not without end */
  constructor(
    private readonly limit: number,
    private readonly send: (answer: Answer) => void,
  ) {}

  /**
   * A request has come.
   * @returns takes the answer to it; a second one is ignored
   * @throws SshError `protocol` when too many wait
   */
  expect(): (answer: Answer) => void {
    if (this.#waiting.length >= this.limit) throw new SshError('protocol', 'too many requests at once');
    const entry = { answer: undefined as Answer | undefined };
    this.#waiting.push(entry);
    return (answer) => {
      entry.answer ??= answer;
      this.#sendReady();
    };
  }

  #sendReady(): void {
    for (let next = this.#waiting[0]; next?.answer !== undefined; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.send(next.answer);
    }
  }
}
