import type { IdentityClaims, ListCommandsV1, ReplyOf, RequestOf } from '@sallyport/contracts';
import { decodeCursor, encodeCursor } from '../paging/cursor.js';
import type { Commands } from './commands.js';

/** Commands as their viewer may see them: an auditor all, anybody else his own. */
export class ShowCommands {
  constructor(private readonly commands: Commands) {}

  /** @throws DomainError `request.invalid` the cursor is not one of this list */
  async list(
    { cursor, limit, ...filter }: Omit<RequestOf<typeof ListCommandsV1>, 'actor'>,
    viewer: Pick<IdentityClaims, 'userId' | 'roles'>,
  ): Promise<ReplyOf<typeof ListCommandsV1>> {
    const before = decodeCursor('command', cursor);
    const { userId = viewer.userId } = filter;
    const isAuditor = viewer.roles.includes('auditor');
    if (!isAuditor && userId !== viewer.userId) return { items: [] };
    const found = await this.commands.page(isAuditor ? filter : { ...filter, userId }, before, limit + 1);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return {
      items: shown.map(({ command }) => command),
      ...(shown.length < found.length && last ? { nextCursor: encodeCursor('command', last.place) } : {}),
    };
  }
}
