import { serviceNames } from '@sallyport/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { refusal } from './support/audit.js';
import { countIn, metricsOf } from './support/processes.js';
import { emulator, local, sshAs, signInAs } from './support/sallyport.js';

interface Series {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
}

/** `name{label="value",…} number`, Prometheus' text format. */
function readSeries(text: string): Series[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', list = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+/.exec(line) ?? [];
      const labels = [...list.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
      return { name, labels: new Map(labels.map(([, label = '', value = '']) => [label, value])) };
    });
}

describe('what every service counts', () => {
  const texts = new Map<string, string>();
  const marker = 'a-command-of-alice';
  const addresses: string[] = [];
  beforeAll(async () => {
    const { instances } = await emulator<{ instances: { address: string }[] }>('GET', 'state');
    addresses.push(...instances.map(({ address }) => address));
    expect((await sshAs('alice@root@web-1', { command: `echo ${marker}` })).code).toBe(0);
    expect((await sshAs('alice@deploy@web-2', { command: `echo ${marker}` })).code).toBe(0);
    expect(refusal((await sshAs('alice@nobody@nowhere', { command: marker })).stderr).code).toBe('target.not-found');
    await signInAs('admin');
    for (const service of serviceNames) texts.set(service, await metricsOf(service));
  });

  it.each(serviceNames)('H5: %s: no label holds a user, a host, an address, a command, or an id', (service) => {
    const series = readSeries(texts.get(service) ?? '');
    expect(series.find(({ name }) => name === 'target_info')?.labels.get('service_name')).toBe(`sallyport-${service}`);
    const ofPeople = [
      ...Object.values(local.users).map(({ username }) => username),
      'root',
      'deploy',
      'nobody',
      'nowhere',
    ];
    const ofHosts = local.instances.flatMap(({ name, instanceId }) => [name, instanceId]);
    const forbidden = [...ofPeople, ...ofHosts, ...addresses, local.ssh.host, marker, 'acs/ecs/'];
    for (const { name, labels } of series) {
      for (const [label, value] of labels) {
        const where = `${name}, label ${label}`;
        expect(value, where).toMatch(/^[A-Za-z0-9_.+-]{0,64}$/);
        expect(value, where).not.toMatch(/^\d{1,3}(\.\d{1,3}){3}$/);
        expect(value, where).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{16}/);
        expect(forbidden, where).not.toContain(value);
      }
    }
    // What there is to count is bounded: operations and outcomes, by the buckets of a histogram.
    const counts = new Map<string, number>();
    for (const { name } of series) counts.set(name, (counts.get(name) ?? 0) + 1);
    for (const [name, count] of counts) expect(count, `series of ${name}`).toBeLessThan(2_000);
  });

  it('KMS by operation and outcome, attempts of logons, and what was refused', async () => {
    const [broker = '', session = ''] = [texts.get('secret-broker'), texts.get('session')];
    const call = { action: 'GetSecretValue', outcome: 'ok' };
    expect(countIn(broker, 'sallyport_kms_call_duration_count', call)).toBeGreaterThanOrEqual(2);
    expect(countIn(broker, 'sallyport_kms_call_duration_sum', call)).toBeGreaterThan(0);
    expect(countIn(session, 'sallyport_session_logon_attempts_count', {})).toBeGreaterThanOrEqual(2);
    await emulator('PUT', 'faults', { kind: 'denied', operation: 'GetSecretValue' });
    try {
      expect(refusal((await sshAs('alice@root@web-1', { command: 'true' })).stderr).code).toBe('kms.denied');
    } finally {
      await emulator('DELETE', 'faults');
    }
    const after = await metricsOf('secret-broker');
    const refused = { operation: 'prepare', code: 'kms.denied' };
    expect(countIn(after, 'sallyport_credential_refused_total', refused)).toBeGreaterThan(
      countIn(broker, 'sallyport_credential_refused_total', refused),
    );
    expect(countIn(after, 'sallyport_kms_call_duration_count', { ...call, outcome: 'kms.denied' })).toBeGreaterThan(0);
  });
});
