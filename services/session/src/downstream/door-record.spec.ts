import { RecordingAuditPublisher } from '@sallyport/messaging/testing';
import { logger } from '@sallyport/telemetry';
import { describe, expect, it } from 'vitest';
import { DoorRecord } from './door-record.js';

describe('DoorRecord', () => {
  it('A10: gives one line each time, and one event a minute for each address and reason', () => {
    let now = 0;
    const audit = new RecordingAuditPublisher();
    const door = new DoorRecord(audit, logger('test', 'error'), () => now);
    const line = door.refused('too-many-failures', '192.0.2.7');
    expect(line).toMatch(/^sallyport: too many .* \[connection\.refused, id [0-9a-f]{32}\]$/);
    expect(door.refused('too-many-failures', '192.0.2.7')).toBe(line);
    door.refused('too-slow', '192.0.2.7');
    door.refused('too-many-failures', '192.0.2.8');
    now = 60_000;
    door.refused('too-many-failures', '192.0.2.7');
    expect(audit.named('connection.refused')).toEqual([
      { clientAddress: '192.0.2.7', reason: 'too-many-failures' },
      { clientAddress: '192.0.2.7', reason: 'too-slow' },
      { clientAddress: '192.0.2.8', reason: 'too-many-failures' },
      { clientAddress: '192.0.2.7', reason: 'too-many-failures' },
    ]);
  });
});
