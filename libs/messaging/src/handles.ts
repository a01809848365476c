import {
  applyDecorators,
  createParamDecorator,
  Injectable,
  Optional,
  SetMetadata,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { RequestRefused, type IdentityClaims, type RequestContract } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { TokenVerifier } from '@sallyport/tokens';
import { AuditPublisher } from './audit-publisher.js';
import { describeIssues, subjectFor } from './bus.js';
import { MalformedRequests } from './malformed-requests.js';
import { replicaId } from './replica.js';

const contractKey = 'sallyport:contract';
/** The verified actor of a request, by the context object that Nest makes for it. */
const actors = new WeakMap<object, IdentityClaims>();

/**
 * Before each handler, in this order: the actor's identity is verified, one of the contract's roles is demanded, and the
 * request is parsed. It comes with `@Handles`, so that no handler can be without.
 */
@Injectable()
export class ContractGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: TokenVerifier,
    private readonly audit: AuditPublisher,
    @Optional() private readonly malformed?: MalformedRequests,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const contract = this.reflector.get<RequestContract>(contractKey, execution.getHandler());
    const args = execution.getArgs<[unknown, object]>();
    if (contract.roles) actors.set(args[1], await this.admit(contract, contract.roles, args[0]));
    const request = contract.request.safeParse(args[0]);
    if (!request.success) {
      const error = new DomainError('request.invalid', describeIssues(request.error));
      await this.malformed?.add(contract, error);
      throw error;
    }
    args[0] = request.data;
    return true;
  }

  private async admit(
    contract: RequestContract,
    required: NonNullable<RequestContract['roles']>,
    request: unknown,
  ): Promise<IdentityClaims> {
    const token = typeof request === 'object' && request !== null && 'actor' in request ? request.actor : undefined;
    const actor = await this.verifier.identity(typeof token === 'string' ? token : '', 'rest');
    if (required.some((role) => actor.roles.includes(role))) return actor;
    await this.audit.publish(RequestRefused, {
      userId: actor.userId,
      username: actor.username,
      clientAddress: actor.clientAddress,
      roles: actor.roles,
      operation: contract.subject,
      required: [...required],
    });
    throw new DomainError('access.forbidden', `this needs one of the roles: ${required.join(', ')}`);
  }
}

/** Makes a controller's method the one that answers a contract. */
export function Handles(contract: RequestContract): MethodDecorator {
  return applyDecorators(
    MessagePattern(subjectFor(contract, contract.addressed ? replicaId : undefined)),
    SetMetadata(contractKey, contract),
    UseGuards(ContractGuard),
  );
}

/** The parsed request. The contract is named for the reader, and for the type beside it. */
export function Input(_contract: RequestContract): ParameterDecorator {
  return Payload();
}

/** IdentityClaims of the person who asks; only where the contract names roles. */
export const ActorOf = createParamDecorator((_: unknown, execution: ExecutionContext): IdentityClaims => {
  const actor = actors.get(execution.getArgs<[unknown, object]>()[1]);
  if (!actor) throw new DomainError('internal', 'this contract has no actor');
  return actor;
});
