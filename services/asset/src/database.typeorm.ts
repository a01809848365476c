import type { AssetSettings } from './config.js';
import { createDataSource, Database, runMigrations } from '@sallyport/postgres';
import { AccountEntity } from './account/account.entity.js';
import { CertificateAuthorityEntity } from './certificate/certificate-authority.entity.js';
import { RevocationEntity } from './certificate/revocation.entity.js';
import { UsedEvidenceEntity } from './authentication/used-evidence.entity.js';
import { AuthorizationEntity, AuthorizedAccountEntity } from './authorization/authorization.entity.js';
import { HostEntity } from './host/host.entity.js';
import { HostKeyCandidateEntity } from './host-key/host-key-candidate.entity.js';
import { HostKeyEntity } from './host-key/host-key.entity.js';
import { TotpFactorEntity } from './factor/totp-factor.entity.js';
import { AuthorizationPolicy1795550000000 } from './migrations/authorization-policy.js';
import { CertificateAuthorities1795640000000 } from './migrations/certificate-authorities.js';
import { CreateTables1795456000000 } from './migrations/create-tables.js';
import { Groups1795600000000 } from './migrations/groups.js';
import { LogonRules1795560000000 } from './migrations/logon-rules.js';
import { HostKeyModes1795570000000 } from './migrations/host-key-modes.js';
import { GrantedSessions1795630000000 } from './migrations/granted-sessions.js';
import { SecretStates1795580000000 } from './migrations/secret-states.js';
import { Terminations1795590000000 } from './migrations/terminations.js';
import { PublicKeyEntity } from './public-key/public-key.entity.js';
import { BearerTokenEntity } from './sign-in/bearer-token.entity.js';
import { FailedSignInEntity } from './sign-in/failed-sign-in.entity.js';
import { FamiliarAddressEntity } from './sign-in/familiar-address.entity.js';
import { TicketEntity } from './ticket/ticket.entity.js';
import { UserEntity } from './user/user.entity.js';

/** Connects to the database `asset` and brings its tables up to date. */
export async function openDatabase(url: AssetSettings['POSTGRES_URL']): Promise<Database> {
  const dataSource = createDataSource({
    url,
    entities: [
      AccountEntity,
      AuthorizationEntity,
      AuthorizedAccountEntity,
      BearerTokenEntity,
      CertificateAuthorityEntity,
      FailedSignInEntity,
      FamiliarAddressEntity,
      HostEntity,
      HostKeyCandidateEntity,
      HostKeyEntity,
      PublicKeyEntity,
      RevocationEntity,
      TicketEntity,
      TotpFactorEntity,
      UsedEvidenceEntity,
      UserEntity,
    ],
    migrations: [
      CreateTables1795456000000,
      AuthorizationPolicy1795550000000,
      LogonRules1795560000000,
      HostKeyModes1795570000000,
      SecretStates1795580000000,
      Terminations1795590000000,
      Groups1795600000000,
      GrantedSessions1795630000000,
      CertificateAuthorities1795640000000,
    ],
    applicationName: 'sallyport-asset',
  });
  await dataSource.initialize();
  try {
    await runMigrations(dataSource);
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
  return new Database(dataSource);
}
