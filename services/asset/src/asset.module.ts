import type { DynamicModule, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { Inject, Module } from '@nestjs/common';
import { ServiceLogger } from '@sallyport/messaging';
import { Database } from '@sallyport/postgres';
import { SealingKey } from '@sallyport/sealing';
import { TokenSigner } from '@sallyport/tokens';
import { AccessController } from './access/access.controller.js';
import { AccountController } from './account/account.controller.js';
import { AuthenticationController } from './authentication/authentication.controller.js';
import { AuthorizationController } from './authorization/authorization.controller.js';
import { CertificateController } from './certificate/certificate.controller.js';
import { CloudInstances } from './cloud/cloud-instances.js';
import { EcsCloudInstances } from './cloud/ecs.alicloud.js';
import type { AssetSettings } from './config.js';
import { openDatabase } from './database.typeorm.js';
import { FactorCipher } from './factor/factor-cipher.js';
import { FactorController } from './factor/factor.controller.js';
import { HostGroupController } from './group/host-group.controller.js';
import { UserGroupController } from './group/user-group.controller.js';
import { HostKeyController } from './host-key/host-key.controller.js';
import { HostController } from './host/host.controller.js';
import { NewHostSettings } from './host/import-hosts.js';
import { readKeys } from './keys.js';
import { Passwords } from './password/passwords.js';
import { PublicKeyController } from './public-key/public-key.controller.js';
import { SignInSettings } from './sign-in/sign-in.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { TargetController } from './target/target.controller.js';
import { SessionController } from './session/session.controller.js';
import { TicketController } from './ticket/ticket.controller.js';
import { BootstrapAdministrator, FirstAdministrator } from './user/bootstrap-administrator.js';
import { UserController } from './user/user.controller.js';
import { WatchCloud } from './watch/watch-cloud.js';
import { WatchInstances } from './watch/watch-instances.js';
import { WatchSecrets } from './watch/watch-secrets.js';
import { adapters } from './adapters.js';
import { useCases } from './use-cases.js';

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
