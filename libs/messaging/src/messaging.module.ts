import { Module, type DynamicModule } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/transport-node';
import type { ServiceName } from '@sallyport/contracts';
import type { Logger } from '@sallyport/telemetry';
import { TokenVerifier } from '@sallyport/tokens';
import { AuditPublisher, JetStreamAuditPublisher } from './audit-publisher.js';
import { Bus, NatsBus } from './bus.js';
import { Connection, ServiceLogger } from './injected.js';
import { JetStreamRecordingReader, RecordingReader } from './recording-reader.js';
import { JetStreamRecordingStream, RecordingStream } from './recording-stream.js';

/**
 * What every service may inject: Bus, AuditPublisher, TokenVerifier, Connection, ServiceLogger; and the two ends of the stream of
 * recordings, where the NATS server lets `session` put and `audit` read.
 */
@Module({})
export class MessagingModule {
  static register(options: {
    service: ServiceName;
    connection: NatsConnection;
    signingPublicKey: string;
    log: Logger;
  }): DynamicModule {
    const providers = [
      { provide: Connection, useValue: new Connection(options.connection) },
      { provide: ServiceLogger, useValue: new ServiceLogger(options.log) },
      { provide: Bus, useValue: new NatsBus(options.connection) },
      {
        provide: AuditPublisher,
        useValue: new JetStreamAuditPublisher(options.connection, options.service, options.log),
      },
      { provide: RecordingStream, useValue: new JetStreamRecordingStream(options.connection) },
      { provide: RecordingReader, useValue: new JetStreamRecordingReader(options.connection) },
      { provide: TokenVerifier, useValue: TokenVerifier.fromPem(options.signingPublicKey) },
    ];
    return { module: MessagingModule, global: true, providers, exports: providers.map((p) => p.provide) };
  }
}
