import { Module, type DynamicModule } from '@nestjs/common';
import { Bus } from '@sallyport/messaging';
import { publicKeyFromPem } from '@sallyport/sealing';
import type { Settings } from './config.js';
import { allEndpoints, Endpoints } from './endpoints/endpoints.js';
import { sealersFor } from './endpoints/sealers.js';

@Module({})
export class ApiModule {
  static register(settings: Settings): DynamicModule {
    const sealers = sealersFor({
      asset: publicKeyFromPem(settings.ASSET_SEALING_PUBLIC_KEY),
      audit: publicKeyFromPem(settings.AUDIT_SEALING_PUBLIC_KEY),
      broker: publicKeyFromPem(settings.BROKER_SEALING_PUBLIC_KEY),
    });
    const { API_SSH_HOST: host, API_SSH_PORT: port, API_SSH_HOST_KEYS: hostKeys } = settings;
    return {
      module: ApiModule,
      providers: [
        {
          provide: Endpoints,
          inject: [Bus],
          useFactory: (bus: Bus) => new Endpoints(allEndpoints(bus, sealers, { host, port, hostKeys })),
        },
      ],
    };
  }
}
