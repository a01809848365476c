import { Controller } from '@nestjs/common';
import type { IdentityClaims, ReplyOf, RequestOf } from '@sallyport/contracts';
import { CreateUserV1, DeleteUserV1, ListUsersV1, UpdateUserV1 } from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { CreateUser } from './create-user.js';
import { DeleteUser } from './delete-user.js';
import { ListUsers } from './list-users.js';
import { UpdateUser } from './update-user.js';

@Controller()
export class UserController {
  constructor(
    private readonly listUsers: ListUsers,
    private readonly createUser: CreateUser,
    private readonly updateUser: UpdateUser,
    private readonly deleteUser: DeleteUser,
  ) {}

  @Handles(ListUsersV1)
  list(@Input(ListUsersV1) q: RequestOf<typeof ListUsersV1>): Promise<ReplyOf<typeof ListUsersV1>> {
    return this.listUsers.run(q);
  }

  @Handles(CreateUserV1)
  create(
    @Input(CreateUserV1) q: RequestOf<typeof CreateUserV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof CreateUserV1>> {
    return this.createUser.run(actor.userId, q);
  }

  @Handles(UpdateUserV1)
  update(
    @Input(UpdateUserV1) q: RequestOf<typeof UpdateUserV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof UpdateUserV1>> {
    return this.updateUser.run(actor.userId, q.userId, q);
  }

  @Handles(DeleteUserV1)
  async delete(
    @Input(DeleteUserV1) q: RequestOf<typeof DeleteUserV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof DeleteUserV1>> {
    await this.deleteUser.run(actor.userId, q.userId);
    return {};
  }
}
