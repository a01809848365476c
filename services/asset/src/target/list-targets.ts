import type { ReplyOf, RequestOf, Target } from '@sallyport/contracts';
import { ListTargetsV1 } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { TokenVerifier } from '@sallyport/tokens';
import { z } from 'zod';
import { recordRefusedToken } from '../access/record-refused-token.js';
import type { Standing } from '../access/standing.js';
import type { Clock } from '../clock/clock.js';
import { page } from '../paging/page.js';
import type { GrantedTargets, TargetKey } from './granted-targets.js';

/** More than a person types to find one of thousands. */
const MOST_WORDS = 8;
const Key = z.tuple([z.string(), z.string()]);

/** Where somebody may log on now. */
export class ListTargets {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly standing: Standing,
    private readonly targets: GrantedTargets,
    private readonly clock: Clock,
    private readonly audit: AuditPublisher,
  ) {}

  /**
   * @throws DomainError `access.unauthenticated` the identity does not hold, or no longer stands
   * @throws DomainError `request.invalid` the cursor is not one of ours
   */
  async run(request: RequestOf<typeof ListTargetsV1>): Promise<ReplyOf<typeof ListTargetsV1>> {
    const verified = this.verifier.identity(request.identity, 'ssh', 'rest');
    const identity = await recordRefusedToken(this.audit, { contract: ListTargetsV1 }, verified);
    const { userId, ticket: within } = identity;
    if (await this.standing.flaw(identity)) throw new DomainError('access.unauthenticated', 'not authenticated');
    const words = (request.search ?? '').split(/\s+/).filter((word) => word !== '');
    return page(
      request,
      (key, limit) =>
        this.targets.of(userId, this.clock.now(), {
          words: words.slice(0, MOST_WORDS),
          after: readKey(key),
          within,
          limit,
        }),
      ({ host, account }: Target) => JSON.stringify([host, account]),
    );
  }
}

function readKey(text: string | undefined): TargetKey | undefined {
  if (text === undefined) return undefined;
  try {
    const [host, account] = Key.parse(JSON.parse(text));
    return { host, account };
  } catch (cause) {
    throw new DomainError('request.invalid', 'the cursor is not valid', { cause });
  }
}
