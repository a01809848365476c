import { Module } from '@nestjs/common';
import type { DynamicModule, FactoryProvider, InjectionToken, OnApplicationShutdown, Provider } from '@nestjs/common';
import {
  AuditPublisher,
  Connection,
  KvOnceRegistry,
  KvSharedValues,
  MalformedRequests,
  OnceRegistry,
  replicaId,
  ServiceLogger,
} from '@sallyport/messaging';
import { hostRefusalsBucket, usedGrantsBucket } from '@sallyport/messaging/deployment';
import { SealingKey } from '@sallyport/sealing';
import { TokenVerifier } from '@sallyport/tokens';
import { Clock, SystemClock } from './clock.js';
import type { Settings } from './config.js';
import { CredentialController } from './credential/credential.controller.js';
import { FindNextVersion } from './credential/find-next-version.js';
import { HostGuard, HostRefusals } from './credential/host-guard.js';
import { LeaseRequests } from './credential/lease-requests.js';
import { Leases } from './credential/leases.js';
import { OpenCredential } from './credential/open-credential.js';
import { PrepareCredential } from './credential/prepare-credential.js';
import { RefreshCredential } from './credential/refresh-credential.js';
import { MalformedCredentialRequests, RefusalRecord } from './credential/refusal-record.js';
import { SignUserauth } from './credential/sign-userauth.js';
import { FairGate } from './kms/fair-gate.js';
import type { AccessKeySource } from './kms/credentials.alicloud.js';
import { identitiesOf } from './kms/identities.js';
import { AlicloudGateway } from './kms/kms.alicloud.js';
import { KmsAdministrationClient } from './kms/kms-administration-client.js';
import { KmsAdministration } from './kms/kms-administration.js';
import { KmsCalls } from './kms/kms-calls.js';
import { KmsClient } from './kms/kms-client.js';
import { KmsPace } from './kms/kms-pace.js';
import { Kms } from './kms/kms.js';
import { ChangeSecret } from './secret/change-secret.js';
import { CheckEncryptionKey } from './secret/check-encryption-key.js';
import { CreateSecret } from './secret/create-secret.js';
import { DefaultRegion } from './secret/default-region.js';
import { FindSameAccount } from './secret/find-same-account.js';
import { FindSecrets } from './secret/find-secrets.js';
import { KeepIndexFresh } from './secret/keep-index-fresh.js';
import { SecretIndex } from './secret/secret-index.js';
import { ShowSecretStates } from './secret/show-secret-states.js';
import { FollowRotation } from './secret/follow-rotation.js';
import { GenerateValue } from './secret/generate-value.js';
import { ListKeys } from './secret/list-keys.js';
import { RecordedChanges } from './secret/recorded-change.js';
import { SecretAdministrationController } from './secret/secret-administration.controller.js';
import { SecretController } from './secret/secret.controller.js';
import { SetSecretPolicy } from './secret/set-secret-policy.js';
import { SetSecretTags } from './secret/set-secret-tags.js';
import { UpdateSecret } from './secret/update-secret.js';

/** Time from `prepare`, and from each further version, to the end of a logon. */
const LEASE_LIFETIME_MS = 30_000;

/** Which adapter stands behind which port. */
@Module({})
export class SecretBrokerModule implements OnApplicationShutdown {
  constructor(
    private readonly leases: Leases,
    private readonly keepIndexFresh: KeepIndexFresh,
  ) {}

  static register(settings: Settings): DynamicModule {
    return {
      module: SecretBrokerModule,
      controllers: [CredentialController, SecretController, SecretAdministrationController],
      providers: [...portProviders(settings), ...credentialProviders(settings), ...secretProviders(settings)],
    };
  }

  onApplicationShutdown(): void {
    this.keepIndexFresh.stop();
    this.leases.endAll();
  }
}

function portProviders(settings: Settings): Provider[] {
  const { reader, administrator } = identitiesOf(settings);
  return [
    { provide: Clock, useClass: SystemClock },
    {
      provide: KmsPace,
      useFactory: () =>
        new KmsPace({ quotaPercent: settings.KMS_QUOTA_PERCENT, maxInFlight: settings.KMS_MAX_IN_FLIGHT }),
    },
    {
      provide: Kms,
      inject: [KmsPace, Clock, ServiceLogger],
      useFactory: (...parts: [KmsPace, Clock, ServiceLogger]) => new KmsClient(callsAs(reader, settings, ...parts)),
    },
    {
      provide: KmsAdministration,
      inject: [KmsPace, Clock, ServiceLogger],
      useFactory: (...parts: [KmsPace, Clock, ServiceLogger]) =>
        new KmsAdministrationClient(callsAs(administrator, settings, ...parts)),
    },
    {
      provide: OnceRegistry,
      inject: [Connection],
      useFactory: ({ nats }: Connection) => new KvOnceRegistry(nats, usedGrantsBucket),
    },
    {
      provide: SealingKey,
      useFactory: () => SealingKey.fromPem(settings.BROKER_SEALING_PRIVATE_KEY.expose()),
    },
  ];
}

function credentialProviders(settings: Settings): Provider[] {
  const times = { waitMs: settings.ROTATION_WAIT_MS, recentMs: settings.ROTATION_RECENT_MS };
  return [
    {
      provide: HostGuard,
      inject: [Connection, Clock],
      useFactory: ({ nats }: Connection, clock: Clock) =>
        new HostGuard(new KvSharedValues(nats, hostRefusalsBucket, HostRefusals), clock, times.recentMs),
    },
    {
      provide: Leases,
      inject: [HostGuard, ServiceLogger],
      useFactory: (guard: HostGuard, { log }: ServiceLogger) =>
        new Leases(LEASE_LIFETIME_MS, (lease) => {
          guard.ended(lease).catch((error: unknown) => {
            log.warn({ err: error }, 'what a host refused could not be shared with other replicas');
          });
        }),
    },
    {
      provide: FindNextVersion,
      inject: [Kms, Clock],
      useFactory: (kms: Kms, clock: Clock) => new FindNextVersion(kms, clock, times),
    },
    {
      provide: PrepareCredential,
      inject: [TokenVerifier, OnceRegistry, Kms, HostGuard, Leases, AuditPublisher, RefusalRecord],
      useFactory: (...parts: [TokenVerifier, OnceRegistry, Kms, HostGuard, Leases, AuditPublisher, RefusalRecord]) =>
        new PrepareCredential(...parts, replicaId),
    },
    made(RefusalRecord, AuditPublisher),
    {
      provide: MalformedRequests,
      inject: [RefusalRecord],
      useFactory: (refusals: RefusalRecord) => new MalformedCredentialRequests(refusals),
    },
    made(LeaseRequests, Leases, RefusalRecord),
    made(OpenCredential, LeaseRequests, TokenVerifier, AuditPublisher),
    made(SignUserauth, LeaseRequests, AuditPublisher),
    made(RefreshCredential, LeaseRequests, Leases, HostGuard, FindNextVersion, AuditPublisher),
  ];
}

function secretProviders(settings: Settings): Provider[] {
  return [
    { provide: DefaultRegion, useValue: new DefaultRegion(settings.KMS_REGION_ID) },
    {
      provide: SecretIndex,
      inject: [Kms, Clock],
      useFactory: (kms: Kms, clock: Clock) => {
        const gate = new FairGate({ inFlight: settings.KMS_MAX_IN_FLIGHT, perSecond: settings.KMS_INDEX_PER_SECOND });
        return new SecretIndex(kms, gate, clock);
      },
    },
    {
      provide: KeepIndexFresh,
      inject: [SecretIndex, ServiceLogger],
      useFactory: (index: SecretIndex, { log }: ServiceLogger) =>
        new KeepIndexFresh(index, settings.KMS_INDEX_REFRESH_MS, log),
    },
    made(RecordedChanges, AuditPublisher, SecretIndex),
    made(ShowSecretStates, Kms, SecretIndex),
    made(FindSecrets, Kms, SecretIndex, ShowSecretStates),
    made(FindSameAccount, Kms, SecretIndex),
    made(CheckEncryptionKey, KmsAdministration),
    made(GenerateValue, KmsAdministration),
    made(ListKeys, KmsAdministration),
    made(FollowRotation, Kms, Clock),
    made(ChangeSecret, Kms, KmsAdministration, RecordedChanges, Clock),
    made(UpdateSecret, Kms, KmsAdministration, RecordedChanges),
    made(SetSecretTags, Kms, KmsAdministration, RecordedChanges),
    made(SetSecretPolicy, Kms, KmsAdministration, RecordedChanges),
    made(
      CreateSecret,
      Kms,
      KmsAdministration,
      SealingKey,
      RecordedChanges,
      CheckEncryptionKey,
      GenerateValue,
      FindSameAccount,
    ),
  ];
}

/** Calls to KMS in the name of one identity. Both share the pace: the quota is the account's. */
function callsAs(
  accessKey: AccessKeySource,
  settings: Settings,
  pace: KmsPace,
  clock: Clock,
  { log }: ServiceLogger,
): KmsCalls {
  const gateway = new AlicloudGateway({
    endpoint: settings.KMS_ENDPOINT,
    parametersIn: settings.KMS_PARAMETERS_IN,
    accessKey,
  });
  const patience = {
    tries: settings.KMS_TRIES,
    tryMs: settings.KMS_TRY_TIMEOUT_MS,
    totalMs: settings.KMS_PATIENCE_MS,
  };
  return new KmsCalls(gateway, pace, patience, clock, log);
}

/** A use case from its parts. It has no decorators, so what it needs is said here; the compiler holds the list to its constructor. */
function made<T, P extends unknown[]>(
  type: new (...parts: P) => T,
  ...parts: { [K in keyof P]: { readonly prototype: P[K] } }
): FactoryProvider<T> {
  const inject = parts as unknown as InjectionToken[];
  return { provide: type, inject, useFactory: (...instances: unknown[]) => new type(...(instances as P)) };
}
