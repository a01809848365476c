import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  CreateAuthorizationRoute,
  CreateSecretRoute,
  CreateUserRoute,
  ImportSecretsRoute,
  SignInRoute,
  UpdateUserRoute,
  type RouteContract,
} from '@sallyport/contracts';
import { formatAuthorizedKey, PrivateKey } from '@sallyport/ssh-keys';
import { canRunSshd, RestProblem, waitFor, type CallInput, type RestClient } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventsOf, refusal } from './support/audit.js';
import { replaceWithMalformed, secretData } from './support/kms.js';
import { captureMessages, dumpDatabase, filesBelow } from './support/places.js';
import { createSecret, importAccount, importHost, regionId, rotate, startRealHost } from './support/real-host.js';
import type { RealHost, SecretValue } from './support/real-host.js';
import { anonymous, emulator, signInAs, sshAs } from './support/sallyport.js';
import { SecretFinder } from './support/secret-forms.js';

const finder = new SecretFinder();

/** With all that JSON, URLs and shells write in another way, and a part that none of them does. */
function newPassword(what: string): string {
  const core = randomBytes(10).toString('hex');
  const password = `a "\\%é+/ ${core}`;
  finder.add(what, password);
  finder.add(`core of ${what}`, core);
  return password;
}

/** The lines of the PEM and the numbers in it, but for what is public too. */
function hidePrivateKey(what: string, pem: string): void {
  const { publicKeyBlob } = PrivateKey.parse(pem);
  const lines = pem.split(/\r?\n/).filter((line) => line.length >= 16 && !line.startsWith('-----'));
  for (const line of lines) if (!publicKeyBlob.includes(Buffer.from(line, 'base64'))) finder.add(what, line);
  const { d, p, q, dp, dq, qi } = createPrivateKey(pem).export({ format: 'jwk' });
  for (const part of [d, p, q, dp, dq, qi]) if (part) finder.add(`number of ${what}`, Buffer.from(part, 'base64url'));
}

function newKey(what: string, type: 'rsa' | 'ed25519'): Extract<SecretValue, { kind: 'ssh-key' }> {
  const privateKey =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
          .privateKey.export({ type: 'pkcs1', format: 'pem' })
          .toString()
      : generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  hidePrivateKey(what, privateKey);
  const blob = PrivateKey.parse(privateKey).publicKeyBlob;
  const publicKey = formatAuthorizedKey({ type: `ssh-${type}`, blob, comment: '' });
  return { kind: 'ssh-key', publicKey, privateKey };
}

const Value = z.object({ Password: z.string().optional(), PrivateKey: z.string().optional() });
/** What a rotation or the broker made, which nobody but KMS, the broker and the host should have seen. */
async function hideMade(secretName: string): Promise<void> {
  const { Password, PrivateKey: pem } = Value.parse(JSON.parse(await secretData(secretName)));
  if (Password) finder.add(`made password of ${secretName}`, Password);
  if (pem) hidePrivateKey(`made key of ${secretName}`, pem);
}

/** Every text of an error that somebody was shown. */
const errorTexts: string[] = [];
const signedIn = (client: RestClient, whose: string): RestClient => {
  finder.add(`bearer token of ${whose}`, client.token ?? '');
  return client;
};
/** @returns the problem's trace id */
async function refused<C extends RouteContract>(client: RestClient, route: C, input: CallInput<C>): Promise<string> {
  const problem: unknown = await client.call(route, input).catch((error: unknown) => error);
  if (!(problem instanceof RestProblem)) throw new Error(`${route.path} was not refused`);
  errorTexts.push(problem.message, JSON.stringify(problem.problem));
  return problem.problem.traceId;
}
async function logOn(user: string, password: string): Promise<string | undefined> {
  const { code, stderr } = await sshAs(user, { password, command: 'true', timeoutMs: 60_000, logLevel: 'INFO' });
  errorTexts.push(stderr);
  return code === 0 ? undefined : refusal(stderr).code;
}

it('finds a secret in every form in which one could be left behind', () => {
  const own = new SecretFinder();
  const secret = `pass"wörd ${randomBytes(8).toString('hex')}`;
  own.add('it', secret);
  const bytes = Buffer.from(secret);
  const written = [
    secret,
    JSON.stringify({ secret }),
    JSON.stringify({ log: JSON.stringify({ secret }) }),
    new URLSearchParams({ secret }).toString(),
    encodeURIComponent(encodeURIComponent(secret)),
    bytes.toString('hex'),
    JSON.stringify(bytes),
    ...['', 'x', 'xx'].map((before) => Buffer.from(`${before}${secret} and more`).toString('base64')),
    ...['', 'x', 'xx'].map((before) => Buffer.from(`${before}${secret} and more`).toString('base64url')),
  ];
  for (const text of written) expect(own.findIn(Buffer.from(text)), text).not.toEqual([]);
  expect(own.findIn(Buffer.from(`"${secret.slice(1)}`))).toEqual([]);
});

const { ok, ...why } = canRunSshd();

describe.skipIf(!ok)(`B10: a plain secret is nowhere ${JSON.stringify(why)}`, () => {
  const username = `secretive-${randomBytes(4).toString('hex')}`;
  const password = { first: newPassword('first password of a user'), next: newPassword('second password of a user') };
  let messages: Awaited<ReturnType<typeof captureMessages>>;
  let admin: RestClient;
  let auditor: RestClient;
  let host: RealHost;
  let hostId: string;
  const marks = { userId: '', sessionId: '', sshTrace: '', restTrace: '' };

  beforeAll(async () => {
    messages = await captureMessages();
    admin = signedIn(await signInAs('admin'), 'admin');
    auditor = signedIn(await signInAs('auditor'), 'auditor');
    await aUser();
    const secretNames = await secretsOfAHost();
    await logons(secretNames);
    await aWrongSecret();
    await malformedSecrets();
    await troubleWithKms().finally(() => emulator('DELETE', 'faults'));
    await messages.end();
  }, 600_000);
  afterAll(() => host.sshd.stop());

  async function aUser(): Promise<void> {
    const body = { username, roles: ['operator' as const], password: password.first };
    const { id: userId } = await admin.call(CreateUserRoute, { body });
    signedIn(await anonymous.signIn(username, password.first), username);
    await admin.call(UpdateUserRoute, { params: { userId }, body: { password: password.next } });
    signedIn(await anonymous.signIn(username, password.next), username);
    const wrong = { body: { username, password: newPassword('wrong password at the REST') } };
    marks.restTrace = await refused(anonymous, SignInRoute, wrong);
    await refused(admin, CreateUserRoute, {
      body: { ...body, password: newPassword('password of a user who is there') },
    });
    marks.userId = userId;
  }

  const account = {
    pass: newPassword('first password of an account'),
    rsa: newKey('RSA key', 'rsa'),
    ed: newKey('Ed25519 key', 'ed25519'),
    odd: newPassword('password that the host takes'),
  };
  async function secretsOfAHost() {
    host = await startRealHost([
      { name: 'pass', password: account.pass },
      { name: 'rsa', authorizedKeys: [account.rsa.publicKey] },
      { name: 'ed', authorizedKeys: [account.ed.publicKey] },
      { name: 'odd', password: account.odd },
    ]);
    hostId = await importHost(admin, host);
    const pass = await createSecret(admin, host, 'pass', { kind: 'password', password: account.pass });
    const rsa = await createSecret(admin, host, 'rsa', account.rsa);
    const ed = await createSecret(admin, host, 'ed', account.ed);
    for (const name of [pass, rsa, ed]) await importAccount(admin, hostId, name);
    for (const kind of ['password', 'ssh-key'] as const) await aMadeSecret(kind);
    await admin.call(CreateAuthorizationRoute, { body: { userId: marks.userId, hostId } });
    return { pass, rsa, ed };
  }

  /** One whose value the broker made. */
  async function aMadeSecret(kind: 'password' | 'ssh-key'): Promise<void> {
    const name = `acs/ecs/${host.name}-made-${kind}`;
    const { instanceId } = host;
    await admin.call(CreateSecretRoute, {
      body: { name, instanceId, regionId, userName: 'odd', kind, generate: true },
    });
    await hideMade(name);
  }

  const target = (name: string): string => `${username}@${name}@${host.name}`;

  async function logons(secretNames: Record<'pass' | 'rsa' | 'ed', string>): Promise<void> {
    for (const name of ['pass', 'rsa', 'ed']) expect(await logOn(target(name), password.next)).toBeUndefined();
    await logOn(target('pass'), newPassword('wrong password at ssh'));
    for (const name of ['pass', 'rsa'] as const) {
      await rotate(admin, secretNames[name]);
      await hideMade(secretNames[name]);
      expect(await logOn(target(name), password.next)).toBeUndefined();
    }
    const [opened] = await eventsOf(auditor, 'session.opened', ({ data }) => data['userId'] === marks.userId);
    marks.sessionId = String(opened?.data['sessionId']);
    marks.sshTrace = opened?.traceparent?.split('-')[1] ?? '';
  }

  async function aWrongSecret(): Promise<void> {
    const value = { kind: 'password', password: newPassword('password that the host refuses') } as const;
    await importAccount(admin, hostId, await createSecret(admin, host, 'odd', value));
    expect(await logOn(target('odd'), password.next)).toBe('target.refused-credential');
  }

  async function malformedSecrets(): Promise<void> {
    const { publicKey, privateKey } = newKey('key that is cut', 'rsa');
    const cut = { kind: 'ssh-key', publicKey, privateKey: privateKey.slice(0, -200) } as const;
    const name = `acs/ecs/${host.name}-cut`;
    const { instanceId } = host;
    await refused(admin, CreateSecretRoute, { body: { name, instanceId, regionId, userName: 'odd', ...cut } });

    const odd = await createSecret(admin, host, 'pass', { kind: 'password', password: account.pass });
    await replaceWithMalformed(
      odd,
      instanceId,
      `{"UserName":"odd","Password":${newPassword('password that is no JSON')}`,
    );
    const body = { secretNames: [odd] };
    const { results } = await admin.call(ImportSecretsRoute, { params: { hostId }, body });
    expect(results).toMatchObject([{ secretName: odd, code: 'INVALID_ARGUMENT' }]);
    errorTexts.push(JSON.stringify(results));
  }

  /** Answers with the text that was signed, which holds all parameters, or with half of the value in them. */
  async function troubleWithKms(): Promise<void> {
    for (const kind of ['bad-signature', 'truncated', 'not-json', '500']) {
      await emulator('PUT', 'faults', { kind });
      const name = `acs/ecs/${host.name}-${kind}`;
      const value = { kind: 'password', password: newPassword(`password in a call that ends with ${kind}`) } as const;
      const body = { name, instanceId: host.instanceId, regionId, userName: 'odd', ...value };
      await refused(admin, CreateSecretRoute, { body });
      expect(await logOn(target('pass'), password.next)).toMatch(/^kms\./);
    }
  }

  it.each<[string, () => Buffer | Promise<Buffer>, () => string[]]>([
    ['messages', () => messages.bytes(), () => [marks.sessionId, marks.userId, marks.sshTrace]],
    ['logs', () => filesBelow('logs'), () => [marks.restTrace]],
    ['traces', () => filesBelow('traces'), () => [marks.restTrace, marks.sshTrace]],
    ['texts of errors', () => Buffer.from(errorTexts.join('\n')), () => [marks.restTrace]],
    ['the database of asset', () => dumpDatabase('asset'), () => [marks.userId]],
    ['the database of audit', () => dumpDatabase('audit'), () => [marks.sessionId, marks.userId]],
    ['the files of JetStream', () => filesBelow('nats'), () => [marks.sessionId, marks.userId]],
  ])('not in %s, where other things of the same story are', async (what, bytesOf, present) => {
    const bytes = await waitFor(
      async () => {
        const now = await bytesOf();
        return present().every((mark) => mark !== '' && now.includes(mark)) && now;
      },
      { what: `the story to show up in ${what}`, timeoutMs: 60_000, everyMs: 250 },
    );
    expect(finder.findIn(bytes)).toEqual([]);
  });
});
