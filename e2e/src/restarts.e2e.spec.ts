import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { serviceNames, type ServiceName } from '@sallyport/contracts';
import { waitFor } from '@sallyport/testing';
import { describe, expect, it } from 'vitest';
import { pidOf } from './support/processes.js';
import { local, signInAs, sshAs } from './support/sallyport.js';

async function killAndWait(service: ServiceName): Promise<void> {
  const pid = pidOf(service);
  if (pid === undefined) throw new Error(`no process of ${service}`);
  process.kill(pid, 'SIGKILL');
  await waitFor(() => pidOf(service) !== undefined && pidOf(service) !== pid, {
    what: `${service} to be back`,
    timeoutMs: 30_000,
  });
}

describe('the loss of a service', () => {
  it.each(serviceNames.filter((name) => name !== 'session'))(
    'kill -9 of %s: a running session goes on, and the next logon works without help',
    async (service) => {
      const { host, port } = local.ssh;
      const options = [
        '-o',
        'IdentitiesOnly=yes',
        '-o',
        'LogLevel=ERROR',
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'UserKnownHostsFile=/dev/null',
      ];
      const shell = spawn(
        'ssh',
        [
          '-F',
          'none',
          '-p',
          String(port),
          '-i',
          local.users.alice.privateKeyFile,
          ...options,
          `alice@root@web-1@${host}`,
          'cat',
        ],
        {
          stdio: ['pipe', 'pipe', 'inherit'],
        },
      );
      const ended = new Promise((resolve) => shell.once('exit', resolve));
      const lines: string[] = [];
      createInterface(shell.stdout).on('line', (line) => lines.push(line));
      shell.stdin.write('before\n');
      await waitFor(() => lines.includes('before'), { what: 'the session', timeoutMs: 20_000 });
      await killAndWait(service);
      await expectLogon();
      shell.stdin.end('after\n');
      await waitFor(() => lines.includes('after'), { what: 'the session after the loss', timeoutMs: 20_000 });
      expect(await ended).toBe(0);
    },
  );

  it('kill -9 of session: the next logon works without help', async () => {
    await killAndWait('session');
    await expectLogon();
  });

  it('kill -9 of all services at once: nothing that was acknowledged is lost', async () => {
    const auditor = await signInAs('auditor');
    const before = await auditor.raw('GET', '/v1/audit/events?order=desc&limit=1');
    const last = (before.json as { items: { sequence: number }[] }).items[0]?.sequence ?? 0;
    await Promise.all(serviceNames.map(killAndWait));
    await expectLogon();
    const after = await waitForEvents(last);
    expect(after).toBeGreaterThan(last);
  });
});

/** While a service starts, users get a refusal that says to try again; then the logon works. */
async function expectLogon(): Promise<void> {
  await waitFor(async () => (await sshAs('alice@root@web-1', { command: 'true' })).code === 0, {
    what: 'a logon',
    timeoutMs: 40_000,
  });
}

async function waitForEvents(after: number): Promise<number> {
  let newest = 0;
  await waitFor(
    async () => {
      const auditor = await signInAs('auditor');
      const answer = await auditor.raw('GET', '/v1/audit/events?order=desc&limit=200');
      const items = (answer.json as { items: { sequence: number; type: string }[] }).items;
      newest = items[0]?.sequence ?? 0;
      return items.some((event) => event.type === 'io.sallyport.session.opened.v1' && event.sequence > after);
    },
    { what: 'the events of the new session', timeoutMs: 30_000 },
  );
  return newest;
}
