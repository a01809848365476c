import { DomainError } from '@sallyport/errors';
import type { Overload } from '@sallyport/ssh-wire';

const sentences: Record<Overload, string> = {
  'too-many-sessions': 'this bastion has as many sessions as it may; try again in a moment',
  'too-little-memory': 'this bastion is short of memory; try again in a moment',
  'too-busy': 'this bastion is too busy; try again in a moment',
};

/** Nobody new is served for now; those who are in go on. */
export function overloaded(overload: Overload): DomainError {
  return new DomainError('service.overloaded', sentences[overload], { retryable: true });
}

/** Nobody new is served by this process any more. */
export function draining(): DomainError {
  return new DomainError('service.unavailable', 'the bastion is being restarted, log on again', { retryable: true });
}
