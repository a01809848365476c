import type { ExportEventsV1, ReplyOf, RequestOf } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { blockLeaves, blockLine, eventLine, exportFormat, headLine, subtreesOf } from '@sallyport/transparency';
import type { EventLog } from '../log/event-log.js';
import type { EventMonths } from '../retention/event-months.js';
import type { TreeStore } from '../tree/tree-store.js';

/** Base64 of it, or of one event of 512 KiB, fits into a NATS message of 1 MiB. */
const fullPartBytes = 512 * 1024;

type Request = Omit<RequestOf<typeof ExportEventsV1>, 'actor'>;

/**
 * An export in parts, each to be asked for with the `next` of the one before; put together they are what
 * `sallyport verify` reads (docs/wire/audit-log.md). A part is of one block at most.
 */
export class ExportEvents {
  constructor(
    private readonly log: EventLog,
    private readonly store: TreeStore,
    private readonly months: Pick<EventMonths, 'firstKept'>,
  ) {}

  /**
   * @throws DomainError `checkpoint.not-found` there is none yet
   * @throws DomainError `request.invalid` the log has no such events
   */
  async run(request: Request): Promise<ReplyOf<typeof ExportEventsV1>> {
    return request.next ? this.part(request, request.next) : this.begin(request);
  }

  private async begin({ first: asked, last: wanted, ...filter }: Request): Promise<ReplyOf<typeof ExportEventsV1>> {
    const newest = await this.store.newestCheckpoint();
    if (!newest)
      throw new DomainError('checkpoint.not-found', 'the log has no checkpoint yet: ask again in ten seconds');
    const kept = await this.months.firstKept();
    const { first, last } = { first: asked ?? kept, last: wanted ?? newest.size };
    if (first < kept || first > last || last > newest.size)
      throw new DomainError(
        'request.invalid',
        `first, last: the newest checkpoint covers events up to ${newest.size}, and they are kept from ${kept} on`,
      );
    const selection = Object.values(filter).some((value) => value !== undefined);
    const head = headLine({ format: exportFormat, checkpoint: newest.note, first, last, selection });
    return { lines: encode([head]), next: { from: first, last, size: newest.size, withBlock: true } };
  }

  private async part(
    { first: _, last: __, next: ___, ...filter }: Request,
    next: NonNullable<Request['next']>,
  ): Promise<ReplyOf<typeof ExportEventsV1>> {
    // With its block line, `from` is where the block begins.
    const { from, last, size, withBlock } = next;
    const blockLast = Math.min(last, (Math.floor((from - 1) / blockLeaves) + 1) * blockLeaves);
    const events = await this.log.texts(filter, from, blockLast);
    const lines: string[] = [];
    let bytes = 0;
    for (const { sequence, body } of events) {
      bytes += Buffer.byteLength(body);
      if (bytes > fullPartBytes && lines.length > 0) break;
      lines.push(eventLine(sequence, body));
    }
    const cut = events[lines.length];
    if (withBlock && lines.length > 0) lines.unshift(await this.block(from, blockLast, size));
    if (cut) return { lines: encode(lines), next: { from: cut.sequence, last, size, withBlock: false } };
    if (blockLast >= last) return { lines: encode(lines) };
    return { lines: encode(lines), next: { from: blockLast + 1, last, size, withBlock: true } };
  }

  private async block(first: number, last: number, size: number): Promise<string> {
    const all = subtreesOf(0, first - 1);
    const [left, leaves, right] = await Promise.all([
      this.store.nodes(all),
      this.store.leavesOf(first, last),
      this.store.nodes(subtreesOf(last, size)),
    ]);
    return blockLine({ first, leaves, left, right });
  }
}

const encode = (lines: readonly string[]): string =>
  Buffer.from(lines.map((line) => `${line}\n`).join('')).toString('base64');
