import { AuditPublisher, Bus } from '@sallyport/messaging';
import { SealingKey } from '@sallyport/sealing';
import { TokenSigner, TokenVerifier } from '@sallyport/tokens';
import { AuthorizeAccess } from './access/authorize-access.js';
import { Candidates } from './access/candidates.js';
import { Standing } from './access/standing.js';
import { Accounts } from './account/accounts.js';
import { ImportSecrets } from './account/import-secrets.js';
import { ListImportableSecrets } from './account/list-importable-secrets.js';
import { ManageAccounts } from './account/manage-accounts.js';
import { AuthenticateUser } from './authentication/authenticate-user.js';
import { CheckPassword } from './authentication/check-password.js';
import { CheckSecondFactor } from './authentication/check-second-factor.js';
import { CheckSignature } from './authentication/check-signature.js';
import { JudgeEvidence } from './authentication/judge-evidence.js';
import { UseUpEvidence } from './authentication/use-up-evidence.js';
import { UsedEvidence } from './authentication/used-evidence.js';
import { Authorizations } from './authorization/authorizations.js';
import { ManageAuthorizations } from './authorization/manage-authorizations.js';
import { CertificateAuthorities } from './certificate/certificate-authorities.js';
import { CheckCertificate } from './certificate/check-certificate.js';
import { ManageAuthorities } from './certificate/manage-authorities.js';
import { ManageRevocations } from './certificate/manage-revocations.js';
import { Revocations } from './certificate/revocations.js';
import { Clock } from './clock/clock.js';
import { CloudInstances } from './cloud/cloud-instances.js';
import { CheckCode } from './factor/check-code.js';
import { FactorCipher } from './factor/factor-cipher.js';
import { ManageTotp } from './factor/manage-totp.js';
import { TotpFactors } from './factor/totp-factors.js';
import { HostGroups, UserGroups } from './group/groups.js';
import { ManageHostGroups, ManageUserGroups } from './group/manage-groups.js';
import { ApproveHostKeys } from './host-key/approve-host-keys.js';
import { HostKeyCandidates } from './host-key/host-key-candidates.js';
import { HostKeys } from './host-key/host-keys.js';
import { ManageHostKeys } from './host-key/manage-host-keys.js';
import { PinHostKey } from './host-key/pin-host-key.js';
import { ProposeHostKey } from './host-key/propose-host-key.js';
import { ReportHostKey } from './host-key/report-host-key.js';
import { Hosts } from './host/hosts.js';
import { ImportHosts, NewHostSettings } from './host/import-hosts.js';
import { ManageHosts } from './host/manage-hosts.js';
import { NewPassword } from './password/new-password.js';
import { Passwords } from './password/passwords.js';
import { ManagePublicKeys } from './public-key/manage-public-keys.js';
import { ProbePublicKey } from './public-key/probe-public-key.js';
import { PublicKeys } from './public-key/public-keys.js';
import { BearerTokens } from './sign-in/bearer-tokens.js';
import { FailedSignIns } from './sign-in/failed-sign-ins.js';
import { RateLimit } from './sign-in/rate-limit.js';
import { ResolveToken } from './sign-in/resolve-token.js';
import { SignIn, SignInSettings } from './sign-in/sign-in.js';
import { GrantedTargets } from './target/granted-targets.js';
import { ListTargets } from './target/list-targets.js';
import { CheckTicket } from './ticket/check-ticket.js';
import { ReviewSessions } from './session/review-sessions.js';
import { TerminateSession } from './session/terminate-session.js';
import { GrantedSessions } from './session/granted-sessions.js';
import { Terminations } from './session/terminations.js';
import { ManageTickets } from './ticket/manage-tickets.js';
import { Tickets } from './ticket/tickets.js';
import { Transaction } from './transaction/transaction.js';
import { BootstrapAdministrator } from './user/bootstrap-administrator.js';
import { CreateUser } from './user/create-user.js';
import { DeleteUser } from './user/delete-user.js';
import { ListUsers } from './user/list-users.js';
import { UpdateUser } from './user/update-user.js';
import { Users } from './user/users.js';
import { WatchInstances } from './watch/watch-instances.js';
import { WatchSecrets } from './watch/watch-secrets.js';
import { provide } from './provide.js';

/** Rules and use cases, each with what it needs, in the order of its constructor. */
export const useCases = [
  provide(NewPassword, SealingKey, Passwords),
  provide(BootstrapAdministrator, Transaction, Users, Passwords, AuditPublisher),
  provide(ListUsers, Users, PublicKeys),
  provide(CreateUser, Transaction, Users, PublicKeys, NewPassword, AuditPublisher),
  provide(UpdateUser, Transaction, Users, PublicKeys, BearerTokens, NewPassword, AuditPublisher),
  provide(DeleteUser, Transaction, Users, PublicKeys, AuditPublisher),
  provide(ProbePublicKey, Users, PublicKeys, CheckCertificate),
  provide(ManagePublicKeys, Transaction, Users, PublicKeys, AuditPublisher),
  provide(CheckCertificate, CertificateAuthorities, Revocations, Clock),
  provide(ManageAuthorities, Transaction, CertificateAuthorities, Clock, AuditPublisher),
  provide(ManageRevocations, Transaction, CertificateAuthorities, Revocations, Clock, AuditPublisher),

  provide(CheckPassword, Users, Passwords, SealingKey),
  provide(CheckSignature, Users, PublicKeys, CheckCertificate),
  provide(RateLimit, FailedSignIns, Clock),
  provide(CheckTicket, Users, Tickets, SealingKey, Clock),
  provide(CheckCode, RateLimit, FactorCipher, SealingKey, Clock),
  provide(CheckSecondFactor, TokenVerifier, Users, TotpFactors, CheckCode),
  provide(JudgeEvidence, RateLimit, CheckPassword, CheckTicket, CheckSignature, CheckSecondFactor),
  provide(UseUpEvidence, UsedEvidence, TotpFactors, Tickets, Clock),
  provide(
    AuthenticateUser,
    Transaction,
    JudgeEvidence,
    TotpFactors,
    UseUpEvidence,
    RateLimit,
    TokenSigner,
    Clock,
    AuditPublisher,
  ),
  provide(
    SignIn,
    Transaction,
    RateLimit,
    CheckPassword,
    TotpFactors,
    CheckCode,
    Users,
    BearerTokens,
    Clock,
    SignInSettings,
    AuditPublisher,
  ),
  provide(ManageTotp, Transaction, Users, TotpFactors, FactorCipher, CheckCode, Clock, AuditPublisher),
  provide(ManageTickets, Transaction, Users, Hosts, Accounts, Tickets, Clock, AuditPublisher),
  provide(ResolveToken, BearerTokens, Users, TokenSigner, Clock),

  provide(ImportHosts, Transaction, Hosts, CloudInstances, NewHostSettings, AuditPublisher),
  provide(ManageHosts, Transaction, Hosts, AuditPublisher),
  provide(ListImportableSecrets, Hosts, Accounts, Bus),
  provide(ImportSecrets, Transaction, Hosts, Accounts, Bus, AuditPublisher),
  provide(ManageAccounts, Transaction, Hosts, Accounts, Bus, AuditPublisher),
  provide(WatchSecrets, Transaction, Accounts, Bus, AuditPublisher),
  provide(WatchInstances, Transaction, Hosts, CloudInstances, AuditPublisher),
  provide(ManageUserGroups, Transaction, UserGroups, AuditPublisher),
  provide(ManageHostGroups, Transaction, HostGroups, AuditPublisher),
  provide(
    ManageAuthorizations,
    Transaction,
    Users,
    UserGroups,
    Hosts,
    HostGroups,
    Accounts,
    Authorizations,
    AuditPublisher,
  ),

  provide(Candidates, Hosts, Accounts, Authorizations),
  provide(Standing, Users, PublicKeys, CheckCertificate, Tickets, Terminations, Clock),
  provide(
    ReviewSessions,
    Users,
    PublicKeys,
    CheckCertificate,
    Accounts,
    Authorizations,
    GrantedSessions,
    Terminations,
    Clock,
  ),
  provide(TerminateSession, Transaction, Terminations, Clock, AuditPublisher),
  provide(
    AuthorizeAccess,
    TokenVerifier,
    TokenSigner,
    Standing,
    Candidates,
    HostKeys,
    GrantedSessions,
    Clock,
    AuditPublisher,
  ),
  provide(ListTargets, TokenVerifier, Standing, GrantedTargets, Clock, AuditPublisher),
  provide(ReportHostKey, TokenVerifier, HostKeys, AuditPublisher),
  provide(ProposeHostKey, HostKeyCandidates, Clock, AuditPublisher),
  provide(
    PinHostKey,
    Transaction,
    TokenVerifier,
    TokenSigner,
    Hosts,
    HostKeys,
    ReportHostKey,
    ProposeHostKey,
    Clock,
    AuditPublisher,
  ),
  provide(ManageHostKeys, Transaction, Hosts, HostKeys, HostKeyCandidates, Clock, AuditPublisher),
  provide(ApproveHostKeys, Transaction, Hosts, HostKeys, HostKeyCandidates, Clock, AuditPublisher),
];
