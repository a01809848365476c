import type {
  DynamicModule,
  FactoryProvider,
  InjectionToken,
  OnApplicationBootstrap,
  OnApplicationShutdown,
} from '@nestjs/common';
import { Inject, Module } from '@nestjs/common';
import { AuditPublisher, Bus, ServiceLogger } from '@sallyport/messaging';
import { Database } from '@sallyport/postgres';
import { SealingKey } from '@sallyport/sealing';
import { TokenSigner, TokenVerifier } from '@sallyport/tokens';
import { AccessController } from './access/access.controller.js';
import { AuthorizeAccess } from './access/authorize-access.js';
import { Candidates } from './access/candidates.js';
import { Standing } from './access/standing.js';
import { AccountController } from './account/account.controller.js';
import { Accounts } from './account/accounts.js';
import { DatabaseAccounts } from './account/accounts.typeorm.js';
import { ImportSecrets } from './account/import-secrets.js';
import { ListImportableSecrets } from './account/list-importable-secrets.js';
import { ManageAccounts } from './account/manage-accounts.js';
import { AuthenticateUser } from './authentication/authenticate-user.js';
import { AuthenticationController } from './authentication/authentication.controller.js';
import { CheckPassword } from './authentication/check-password.js';
import { CheckSecondFactor } from './authentication/check-second-factor.js';
import { CheckSignature } from './authentication/check-signature.js';
import { JudgeEvidence } from './authentication/judge-evidence.js';
import { UseUpEvidence } from './authentication/use-up-evidence.js';
import { UsedEvidence } from './authentication/used-evidence.js';
import { DatabaseUsedEvidence } from './authentication/used-evidence.typeorm.js';
import { AuthorizationController } from './authorization/authorization.controller.js';
import { Authorizations } from './authorization/authorizations.js';
import { DatabaseAuthorizations } from './authorization/authorizations.typeorm.js';
import { ManageAuthorizations } from './authorization/manage-authorizations.js';
import { CertificateAuthorities } from './certificate/certificate-authorities.js';
import { DatabaseCertificateAuthorities } from './certificate/certificate-authorities.typeorm.js';
import { CertificateController } from './certificate/certificate.controller.js';
import { CheckCertificate } from './certificate/check-certificate.js';
import { ManageAuthorities } from './certificate/manage-authorities.js';
import { ManageRevocations } from './certificate/manage-revocations.js';
import { Revocations } from './certificate/revocations.js';
import { DatabaseRevocations } from './certificate/revocations.typeorm.js';
import { Clock, SystemClock } from './clock/clock.js';
import { CloudInstances } from './cloud/cloud-instances.js';
import { EcsCloudInstances } from './cloud/ecs.alicloud.js';
import type { AssetSettings } from './config.js';
import { openDatabase } from './database.typeorm.js';
import { CheckCode } from './factor/check-code.js';
import { FactorCipher } from './factor/factor-cipher.js';
import { FactorController } from './factor/factor.controller.js';
import { ManageTotp } from './factor/manage-totp.js';
import { TotpFactors } from './factor/totp-factors.js';
import { DatabaseTotpFactors } from './factor/totp-factors.typeorm.js';
import { HostGroups, UserGroups } from './group/groups.js';
import { DatabaseHostGroups, DatabaseUserGroups } from './group/groups.typeorm.js';
import { HostGroupController } from './group/host-group.controller.js';
import { ManageHostGroups, ManageUserGroups } from './group/manage-groups.js';
import { UserGroupController } from './group/user-group.controller.js';
import { ApproveHostKeys } from './host-key/approve-host-keys.js';
import { HostKeyCandidates } from './host-key/host-key-candidates.js';
import { DatabaseHostKeyCandidates } from './host-key/host-key-candidates.typeorm.js';
import { HostKeyController } from './host-key/host-key.controller.js';
import { HostKeys } from './host-key/host-keys.js';
import { DatabaseHostKeys } from './host-key/host-keys.typeorm.js';
import { ManageHostKeys } from './host-key/manage-host-keys.js';
import { PinHostKey } from './host-key/pin-host-key.js';
import { ProposeHostKey } from './host-key/propose-host-key.js';
import { ReportHostKey } from './host-key/report-host-key.js';
import { HostController } from './host/host.controller.js';
import { Hosts } from './host/hosts.js';
import { DatabaseHosts } from './host/hosts.typeorm.js';
import { ImportHosts, NewHostSettings } from './host/import-hosts.js';
import { ManageHosts } from './host/manage-hosts.js';
import { readKeys } from './keys.js';
import { NewPassword } from './password/new-password.js';
import { Passwords } from './password/passwords.js';
import { ManagePublicKeys } from './public-key/manage-public-keys.js';
import { ProbePublicKey } from './public-key/probe-public-key.js';
import { PublicKeyController } from './public-key/public-key.controller.js';
import { PublicKeys } from './public-key/public-keys.js';
import { DatabasePublicKeys } from './public-key/public-keys.typeorm.js';
import { BearerTokens } from './sign-in/bearer-tokens.js';
import { DatabaseBearerTokens } from './sign-in/bearer-tokens.typeorm.js';
import { FailedSignIns } from './sign-in/failed-sign-ins.js';
import { DatabaseFailedSignIns } from './sign-in/failed-sign-ins.typeorm.js';
import { RateLimit } from './sign-in/rate-limit.js';
import { ResolveToken } from './sign-in/resolve-token.js';
import { SignIn, SignInSettings } from './sign-in/sign-in.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { GrantedTargets } from './target/granted-targets.js';
import { DatabaseGrantedTargets } from './target/granted-targets.typeorm.js';
import { ListTargets } from './target/list-targets.js';
import { TargetController } from './target/target.controller.js';
import { CheckTicket } from './ticket/check-ticket.js';
import { ReviewSessions } from './session/review-sessions.js';
import { SessionController } from './session/session.controller.js';
import { TerminateSession } from './session/terminate-session.js';
import { GrantedSessions } from './session/granted-sessions.js';
import { DatabaseGrantedSessions } from './session/granted-sessions.typeorm.js';
import { Terminations } from './session/terminations.js';
import { DatabaseTerminations } from './session/terminations.typeorm.js';
import { ManageTickets } from './ticket/manage-tickets.js';
import { TicketController } from './ticket/ticket.controller.js';
import { Tickets } from './ticket/tickets.js';
import { DatabaseTickets } from './ticket/tickets.typeorm.js';
import { Transaction } from './transaction/transaction.js';
import { DatabaseTransaction } from './transaction/transaction.typeorm.js';
import { BootstrapAdministrator, FirstAdministrator } from './user/bootstrap-administrator.js';
import { CreateUser } from './user/create-user.js';
import { DeleteUser } from './user/delete-user.js';
import { ListUsers } from './user/list-users.js';
import { UpdateUser } from './user/update-user.js';
import { UserController } from './user/user.controller.js';
import { Users } from './user/users.js';
import { DatabaseUsers } from './user/users.typeorm.js';
import { WatchCloud } from './watch/watch-cloud.js';
import { WatchInstances } from './watch/watch-instances.js';
import { WatchSecrets } from './watch/watch-secrets.js';

/** A class that stands for what it makes, its constructor private or not. */
interface Token<T> {
  prototype: T;
}
type TokensOf<A extends unknown[]> = { [K in keyof A]: Token<A[K]> };

/** Rules and use cases have no decorators: what they need is named here, and checked against their constructors. */
const provide = <A extends unknown[]>(type: new (...args: A) => object, ...needs: TokensOf<A>): FactoryProvider =>
  provideAs(type as Token<object>, type, ...needs);

/** Puts an adapter behind its port. */
const provideAs = <A extends unknown[], T>(
  port: Token<T>,
  type: new (...args: A) => T,
  ...needs: TokensOf<A>
): FactoryProvider => ({
  provide: port as InjectionToken,
  useFactory: (...args: A) => new type(...args),
  inject: needs as InjectionToken[],
});

const adapters = [
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

const useCases = [
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

const controllers = [
  AccessController,
  AccountController,
  AuthenticationController,
  AuthorizationController,
  CertificateController,
  FactorController,
  HostController,
  HostGroupController,
  HostKeyController,
  PublicKeyController,
  SignInController,
  TargetController,
  TicketController,
  SessionController,
  UserController,
  UserGroupController,
];

@Module({ controllers, providers: [...adapters, ...useCases] })
export class AssetModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly database: Database,
    private readonly bootstrapAdministrator: BootstrapAdministrator,
    private readonly watchCloud: WatchCloud,
    @Inject(FirstAdministrator) private readonly first: FirstAdministrator | undefined,
  ) {}

  /** Connects to the database, which is brought up to date before anything is answered. */
  static async create(settings: AssetSettings): Promise<DynamicModule> {
    const { signer, sealingKey, factorCipher } = await readKeys(settings);
    return {
      module: AssetModule,
      providers: [
        { provide: TokenSigner, useValue: signer },
        { provide: SealingKey, useValue: sealingKey },
        { provide: FactorCipher, useValue: factorCipher },
        { provide: Passwords, useValue: await Passwords.create() },
        { provide: SignInSettings, useValue: new SignInSettings(settings.ASSET_TOKEN_LIFETIME_SECONDS) },
        { provide: NewHostSettings, useValue: new NewHostSettings(settings.ASSET_HOST_KEY_MODE) },
        { provide: FirstAdministrator, useValue: firstAdministrator(settings) },
        { provide: CloudInstances, useValue: cloudInstances(settings) },
        {
          provide: WatchCloud,
          useFactory: (secrets: WatchSecrets, instances: WatchInstances, { log }: ServiceLogger) =>
            new WatchCloud(secrets, instances, settings.ASSET_WATCH_SECONDS * 1_000, log),
          inject: [WatchSecrets, WatchInstances, ServiceLogger],
        },
        { provide: Database, useValue: await openDatabase(settings.POSTGRES_URL) },
      ],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.first) await this.bootstrapAdministrator.run(this.first);
    this.watchCloud.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.watchCloud.stop();
    await this.database.close();
  }
}

function firstAdministrator(settings: AssetSettings): FirstAdministrator | undefined {
  const { ASSET_BOOTSTRAP_ADMIN_USERNAME: username, ASSET_BOOTSTRAP_ADMIN_PASSWORD: password } = settings;
  return username === undefined || password === undefined ? undefined : new FirstAdministrator(username, password);
}

function cloudInstances(settings: AssetSettings): CloudInstances {
  const { ALIBABA_CLOUD_ACCESS_KEY_ID: id, ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret } = settings;
  const securityToken = settings.ALIBABA_CLOUD_SECURITY_TOKEN;
  return new EcsCloudInstances({
    endpoint: settings.ECS_ENDPOINT,
    accessKey: id === undefined || secret === undefined ? undefined : { id, secret, securityToken },
  });
}
