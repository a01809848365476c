import { randomBytes, randomUUID } from 'node:crypto';
import { TicketId } from '@sallyport/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { newSecret } from '../factor/one-time-code.js';
import { ticketHash } from '../ticket/ticket.js';
import { cipher, LogonDoor, password, verifier } from './logon-door.suite.js';

let door: LogonDoor;
beforeEach(async () => {
  door = await LogonDoor.open();
});

describe('A8: a ticket', () => {
  const text = `spt_${randomBytes(32).toString('base64url')}`;
  const issue = async (uses: number, more: { expiresAt?: Date; username?: string } = {}): Promise<TicketId> => {
    const userId = (await door.users.byName(more.username ?? 'alice'))?.id ?? door.alice.id;
    const id = TicketId.parse(randomUUID());
    const expiresAt = more.expiresAt ?? new Date(door.now.getTime() + 60_000);
    const target = { hostId: undefined, accountId: undefined };
    const hash = ticketHash(Buffer.from(text)) ?? '';
    await door.tickets.add({
      id,
      ticketHash: hash,
      userId,
      ...target,
      uses,
      usesLeft: uses,
      createdAt: door.now,
      expiresAt,
    });
    return id;
  };

  it('is as good as a password, as often as it says, and needs no code', async () => {
    const encryptedSecret = cipher.encrypt(Buffer.from(newSecret()), door.alice.id);
    await door.factors.begin({ userId: door.alice.id, encryptedSecret, status: 'active', createdAt: door.now });
    const ticketId = await issue(2);
    for (let i = 0; i < 2; i += 1) {
      const identity = await verifier.identity(await door.prove('alice@web-1', await password(text)), 'ssh');
      expect(identity).toMatchObject({ method: 'ticket', ticket: { ticketId } });
    }
    expect(door.audit.named('user.authenticated').at(-1)).toMatchObject({ method: 'ticket', ticketId });
    expect(await door.refused(door.prove('alice', await password(text)))).toBe('used-ticket');
    expect(JSON.stringify(door.audit.events)).not.toContain(text);
  });

  it('is refused when its time is over, of another user, and when it is none', async () => {
    await issue(5, { expiresAt: door.now });
    expect(await door.refused(door.prove('alice', await password(text)))).toBe('expired-ticket');
    expect(await door.refused(door.prove('bob', await password(text)))).toBe('bad-ticket');
    expect(await door.refused(door.prove('alice', await password(`spt_${'x'.repeat(43)}`)))).toBe('bad-ticket');
    expect(await door.refused(door.prove('alice', await password(`${text}x`)))).toBe('wrong-password');
  });

  it('lets nobody in who is locked', async () => {
    const id = await issue(1);
    await door.users.save({ ...door.alice, status: 'locked' });
    expect(await door.refused(door.prove('alice', await password(text)))).toBe('locked');
    expect(await door.tickets.use(id, door.now)).toBe(true);
  });
});
