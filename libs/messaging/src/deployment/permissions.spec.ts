import { allEvents, allRequests, serviceNames } from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import { auditSubjects, permissionsOf, subscriberPermissions } from './permissions.js';

describe('NATS permissions', () => {
  it('are those in deploy/nats/permissions.json; after a change of the contracts run `npm run generate` and read the difference', async () => {
    const all = Object.fromEntries(serviceNames.map((name) => [name, permissionsOf(name)]));
    const text = `${JSON.stringify({ ...all, subscriber: subscriberPermissions() }, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../../../deploy/nats/permissions.json');
  });

  it('let nobody listen to what others are asked or answered', () => {
    for (const service of serviceNames)
      for (const subject of permissionsOf(service).subscribe.allow)
        expect(subject.startsWith(`${service}.`) || subject === `_INBOX_${service}.>`, subject).toBe(true);
  });

  it('and the audit stream take in every event and no request', () => {
    const taken = new RegExp(`^${auditSubjects.replaceAll('.', '\\.').replaceAll('*', '[^.]+')}$`);
    for (const { subject } of allEvents) expect(subject).toMatch(taken);
    for (const { subject } of allRequests) expect(subject).not.toMatch(taken);
  });

  it('let secret-broker alone write used grants, and audit alone take events from the store consumer', () => {
    for (const service of serviceNames) {
      const allowed = permissionsOf(service).publish.allow.join(' ');
      expect(allowed.includes('$KV.'), service).toBe(service === 'secret-broker');
      expect(allowed.includes('$JS.ACK.AUDIT'), service).toBe(service === 'audit');
    }
  });

  it('let audit, which consumes a stream, answer at the inboxes of those who may ask it, and all others by allow_responses alone', () => {
    for (const service of serviceNames) {
      const { publish, allow_responses } = permissionsOf(service);
      const inboxes = publish.allow.filter((subject) => subject.startsWith('_INBOX'));
      expect(inboxes, service).toEqual(service === 'audit' ? ['_INBOX_api.>'] : []);
      if (service === 'audit') expect(allow_responses).toBeUndefined();
    }
  });
});
