import type { RequestContract } from '@sallyport/contracts';
import type { DomainError } from '@sallyport/errors';

/** Port of a service that puts on record who asked for what does not fit the contract. */
export abstract class MalformedRequests {
  /** @param error `request.invalid`: which fields are wrong and why, and nothing of what was in them */
  abstract add(contract: RequestContract, error: DomainError): Promise<void>;
}
