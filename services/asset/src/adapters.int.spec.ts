import type { UserId } from '@sallyport/contracts';
import type { Database } from '@sallyport/postgres';
import { Secret } from '@sallyport/secret';
import type { PostgresServer } from '@sallyport/testing';
import { startPostgres } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { usedEvidenceSuite } from './authentication/used-evidence.suite.js';
import { DatabaseUsedEvidence } from './authentication/used-evidence.typeorm.js';
import { DatabaseCertificateAuthorities } from './certificate/certificate-authorities.typeorm.js';
import { certificateAuthoritiesSuite, revocationsSuite } from './certificate/certificates.suite.js';
import { DatabaseRevocations } from './certificate/revocations.typeorm.js';
import { openDatabase } from './database.typeorm.js';
import { totpFactorsSuite } from './factor/totp-factors.suite.js';
import { DatabaseTotpFactors } from './factor/totp-factors.typeorm.js';
import { publicKeysSuite } from './public-key/public-keys.suite.js';
import { DatabasePublicKeys } from './public-key/public-keys.typeorm.js';
import { failedSignInsSuite } from './sign-in/failed-sign-ins.suite.js';
import { DatabaseFailedSignIns } from './sign-in/failed-sign-ins.typeorm.js';
import { ticketsSuite } from './ticket/tickets.suite.js';
import { DatabaseTickets } from './ticket/tickets.typeorm.js';
import { usersSuite } from './user/users.suite.js';
import { DatabaseUsers } from './user/users.typeorm.js';

/** What the fakes promise, kept by the real adapters. */

let server: PostgresServer;
let url: Secret<string>;
let database: Database;
beforeAll(async () => {
  server = await startPostgres();
  url = Secret.of(await server.createDatabase('asset'));
  database = await openDatabase(url);
});
afterAll(async () => {
  await database.close();
  await server.stop();
});
const emptied = async (): Promise<Database> => {
  const tables =
    'users, public_keys, used_evidence, failed_sign_ins, familiar_addresses, totp_factors, tickets, certificate_authorities, certificate_revocations';
  await server.query(`TRUNCATE ${tables} CASCADE`, 'asset');
  return database;
};

async function knowing(users: UserId[]): Promise<void> {
  const people = new DatabaseUsers(await emptied());
  for (const [i, id] of users.entries())
    await people.add({ id, username: `user-${i}`, passwordHash: undefined, roles: [], status: 'active' });
}

usersSuite('DatabaseUsers', async () => new DatabaseUsers(await emptied()));
usedEvidenceSuite('DatabaseUsedEvidence', async () => new DatabaseUsedEvidence(await emptied()));
failedSignInsSuite('DatabaseFailedSignIns', async () => new DatabaseFailedSignIns(await emptied()));
totpFactorsSuite('DatabaseTotpFactors', async (user) => {
  await knowing([user]);
  return new DatabaseTotpFactors(database);
});
certificateAuthoritiesSuite(
  'DatabaseCertificateAuthorities',
  async () => new DatabaseCertificateAuthorities(await emptied()),
);
revocationsSuite('DatabaseRevocations', async () => new DatabaseRevocations(await emptied()));
ticketsSuite('DatabaseTickets', async (users) => {
  await knowing(users);
  return new DatabaseTickets(database);
});
publicKeysSuite('DatabasePublicKeys', async (users) => {
  await knowing(users);
  return new DatabasePublicKeys(database);
});

describe('DatabaseUsedEvidence', () => {
  it('gives a digest back when the transaction that claimed it fails', async () => {
    const used = new DatabaseUsedEvidence(await emptied());
    const digest = Buffer.alloc(32, 7);
    const failing = database.transaction(async () => {
      expect(await used.claim(digest)).toBe(true);
      throw new Error('not recorded');
    });
    await expect(failing).rejects.toThrow('not recorded');
    expect(await used.claim(digest)).toBe(true);
  });
});

describe('the database', () => {
  it('is taken up as it is by a second start', async () => {
    const again = await openDatabase(url);
    await again.check();
    await again.close();
  });
});
