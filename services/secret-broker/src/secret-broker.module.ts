import { Module } from '@nestjs/common';
import type { DynamicModule, FactoryProvider, InjectionToken, OnApplicationShutdown, Provider } from '@nestjs/common';
import {
  AuditPublisher,
  Connection,
  KvOnceRegistry,
  OnceRegistry,
  replicaId,
  ServiceLogger,
} from '@sallyport/messaging';
import { usedGrantsBucket } from '@sallyport/messaging/deployment';
import { SealingKey } from '@sallyport/sealing';
import type { Logger } from '@sallyport/telemetry';
import { TokenVerifier } from '@sallyport/tokens';
import { Clock, SystemClock } from './clock.js';
import type { Settings } from './config.js';
import { CredentialController } from './credential/credential.controller.js';
import { FindNextVersion } from './credential/find-next-version.js';
import { LeaseRequests } from './credential/lease-requests.js';
import { Leases } from './credential/leases.js';
import { OpenCredential } from './credential/open-credential.js';
import { PrepareCredential } from './credential/prepare-credential.js';
import { RefreshCredential } from './credential/refresh-credential.js';
import { RefusalRecord } from './credential/refusal-record.js';
import { SignUserauth } from './credential/sign-userauth.js';
import { DefaultChain, StaticKey } from './kms/credentials.alicloud.js';
import { AlicloudGateway } from './kms/kms.alicloud.js';
import { KmsClient } from './kms/kms-client.js';
import { KmsPace } from './kms/kms-pace.js';
import { Kms } from './kms/kms.js';
import { ChangeSecret } from './secret/change-secret.js';
import { CreateSecret } from './secret/create-secret.js';
import { FindSecrets } from './secret/find-secrets.js';
import { RecordedChanges } from './secret/recorded-change.js';
import { DefaultRegion, SecretController } from './secret/secret.controller.js';

/** Time from `prepare`, and from each further version, to the end of a logon. */
const LEASE_LIFETIME_MS = 30_000;

/** Which adapter stands behind which port. */
@Module({})
export class SecretBrokerModule implements OnApplicationShutdown {
  constructor(private readonly leases: Leases) {}

  static register(settings: Settings): DynamicModule {
    return {
      module: SecretBrokerModule,
      controllers: [CredentialController, SecretController],
      providers: [...portProviders(settings), ...credentialProviders(settings), ...secretProviders(settings)],
    };
  }

  onApplicationShutdown(): void {
    this.leases.endAll();
  }
}

function portProviders(settings: Settings): Provider[] {
  return [
    { provide: Clock, useClass: SystemClock },
    {
      provide: Kms,
      inject: [Clock, ServiceLogger],
      useFactory: (clock: Clock, { log }: ServiceLogger) => openKms(settings, clock, log),
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
    { provide: Leases, useFactory: () => new Leases(LEASE_LIFETIME_MS) },
    {
      provide: FindNextVersion,
      inject: [Kms, Clock],
      useFactory: (kms: Kms, clock: Clock) => new FindNextVersion(kms, clock, times),
    },
    {
      provide: PrepareCredential,
      inject: [TokenVerifier, OnceRegistry, Kms, Leases, AuditPublisher, RefusalRecord],
      useFactory: (...parts: [TokenVerifier, OnceRegistry, Kms, Leases, AuditPublisher, RefusalRecord]) =>
        new PrepareCredential(...parts, replicaId),
    },
    made(RefusalRecord, AuditPublisher),
    made(LeaseRequests, Leases, RefusalRecord),
    made(OpenCredential, LeaseRequests, TokenVerifier, AuditPublisher),
    made(SignUserauth, LeaseRequests, AuditPublisher),
    made(RefreshCredential, LeaseRequests, Leases, FindNextVersion, AuditPublisher),
  ];
}

function secretProviders(settings: Settings): Provider[] {
  return [
    { provide: DefaultRegion, useValue: new DefaultRegion(settings.KMS_REGION_ID) },
    made(RecordedChanges, AuditPublisher),
    made(FindSecrets, Kms),
    made(ChangeSecret, Kms, RecordedChanges),
    made(CreateSecret, Kms, SealingKey, RecordedChanges),
  ];
}

function openKms(settings: Settings, clock: Clock, log: Logger): Kms {
  const { ALIBABA_CLOUD_ACCESS_KEY_ID: id, ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret } = settings;
  const gateway = new AlicloudGateway({
    endpoint: settings.KMS_ENDPOINT,
    parametersIn: settings.KMS_PARAMETERS_IN,
    accessKey: id && secret ? new StaticKey(id, secret, settings.ALIBABA_CLOUD_SECURITY_TOKEN) : new DefaultChain(),
  });
  const patience = {
    tries: settings.KMS_TRIES,
    tryMs: settings.KMS_TRY_TIMEOUT_MS,
    totalMs: settings.KMS_PATIENCE_MS,
  };
  const pace = new KmsPace({ quotaPercent: settings.KMS_QUOTA_PERCENT, maxInFlight: settings.KMS_MAX_IN_FLIGHT });
  return new KmsClient(gateway, pace, patience, clock, log);
}

/** A use case from its parts. It has no decorators, so what it needs is said here; the compiler holds the list to its constructor. */
function made<T, P extends unknown[]>(
  type: new (...parts: P) => T,
  ...parts: { [K in keyof P]: { readonly prototype: P[K] } }
): FactoryProvider<T> {
  const inject = parts as unknown as InjectionToken[];
  return { provide: type, inject, useFactory: (...instances: unknown[]) => new type(...(instances as P)) };
}
