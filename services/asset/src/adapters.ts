import { Database } from '@sallyport/postgres';
import { Accounts } from './account/accounts.js';
import { DatabaseAccounts } from './account/accounts.typeorm.js';
import { UsedEvidence } from './authentication/used-evidence.js';
import { DatabaseUsedEvidence } from './authentication/used-evidence.typeorm.js';
import { Authorizations } from './authorization/authorizations.js';
import { DatabaseAuthorizations } from './authorization/authorizations.typeorm.js';
import { CertificateAuthorities } from './certificate/certificate-authorities.js';
import { DatabaseCertificateAuthorities } from './certificate/certificate-authorities.typeorm.js';
import { Revocations } from './certificate/revocations.js';
import { DatabaseRevocations } from './certificate/revocations.typeorm.js';
import { Clock, SystemClock } from './clock/clock.js';
import { TotpFactors } from './factor/totp-factors.js';
import { DatabaseTotpFactors } from './factor/totp-factors.typeorm.js';
import { HostGroups, UserGroups } from './group/groups.js';
import { DatabaseHostGroups, DatabaseUserGroups } from './group/groups.typeorm.js';
import { HostKeyCandidates } from './host-key/host-key-candidates.js';
import { DatabaseHostKeyCandidates } from './host-key/host-key-candidates.typeorm.js';
import { HostKeys } from './host-key/host-keys.js';
import { DatabaseHostKeys } from './host-key/host-keys.typeorm.js';
import { Hosts } from './host/hosts.js';
import { DatabaseHosts } from './host/hosts.typeorm.js';
import { PublicKeys } from './public-key/public-keys.js';
import { DatabasePublicKeys } from './public-key/public-keys.typeorm.js';
import { BearerTokens } from './sign-in/bearer-tokens.js';
import { DatabaseBearerTokens } from './sign-in/bearer-tokens.typeorm.js';
import { FailedSignIns } from './sign-in/failed-sign-ins.js';
import { DatabaseFailedSignIns } from './sign-in/failed-sign-ins.typeorm.js';
import { GrantedTargets } from './target/granted-targets.js';
import { DatabaseGrantedTargets } from './target/granted-targets.typeorm.js';
import { GrantedSessions } from './session/granted-sessions.js';
import { DatabaseGrantedSessions } from './session/granted-sessions.typeorm.js';
import { Terminations } from './session/terminations.js';
import { DatabaseTerminations } from './session/terminations.typeorm.js';
import { Tickets } from './ticket/tickets.js';
import { DatabaseTickets } from './ticket/tickets.typeorm.js';
import { Transaction } from './transaction/transaction.js';
import { DatabaseTransaction } from './transaction/transaction.typeorm.js';
import { Users } from './user/users.js';
import { DatabaseUsers } from './user/users.typeorm.js';
import { provideAs } from './provide.js';

/** What stands behind each port that the rules know. */
export const adapters = [
  provideAs(Accounts, DatabaseAccounts, Database),
  provideAs(Authorizations, DatabaseAuthorizations, Database),
  provideAs(BearerTokens, DatabaseBearerTokens, Database),
  provideAs(CertificateAuthorities, DatabaseCertificateAuthorities, Database),
  provideAs(Clock, SystemClock),
  provideAs(FailedSignIns, DatabaseFailedSignIns, Database),
  provideAs(GrantedTargets, DatabaseGrantedTargets, Database),
  provideAs(HostGroups, DatabaseHostGroups, Database),
  provideAs(HostKeyCandidates, DatabaseHostKeyCandidates, Database),
  provideAs(HostKeys, DatabaseHostKeys, Database),
  provideAs(Hosts, DatabaseHosts, Database),
  provideAs(PublicKeys, DatabasePublicKeys, Database),
  provideAs(Revocations, DatabaseRevocations, Database),
  provideAs(Tickets, DatabaseTickets, Database),
  provideAs(Terminations, DatabaseTerminations, Database),
  provideAs(GrantedSessions, DatabaseGrantedSessions, Database),
  provideAs(TotpFactors, DatabaseTotpFactors, Database),
  provideAs(Transaction, DatabaseTransaction, Database),
  provideAs(UsedEvidence, DatabaseUsedEvidence, Database),
  provideAs(UserGroups, DatabaseUserGroups, Database),
  provideAs(Users, DatabaseUsers, Database),
];
