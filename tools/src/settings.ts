import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../progress.mjs';

/** The folder that holds package.json. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a person may choose about `npm start`. */
export interface Settings {
  /** SALLYPORT_HOME: the state folder. */
  home: string;
  /** SALLYPORT_SSH_PORT */
  sshPort: number;
  /** SALLYPORT_HTTP_PORT */
  httpPort: number;
  /** NATS_URL: a server of the person's own, instead of one that we start. */
  natsUrl: string | undefined;
  /** OTEL_EXPORTER_OTLP_ENDPOINT: where the services send their traces. */
  otlpEndpoint: string | undefined;
  /** SALLYPORT_PROFILE: a folder for a CPU profile of the session process, written when it ends. */
  profileFolder: string | undefined;
  /** SESSION_PROCESSES, SESSION_WINDOW_BYTES, SESSION_PACKET_BYTES, SESSION_MAX_SESSIONS: those settings of the session service. */
  session: Readonly<Record<string, string>>;
  /** ASSET_WATCH_SECONDS: how often it looks at the cloud. */
  asset: Readonly<Record<string, string>>;
}

/** @throws Failure that names the setting that is wrong */
export function readSettings(env: Readonly<Record<string, string | undefined>> = process.env): Settings {
  const port = (name: string, usual: number): number => {
    const text = env[name] ?? '';
    if (text === '') return usual;
    if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535) return Number(text);
    throw new Failure(`${name} must be a port, from 1 to 65535.`);
  };
  const text = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const given = (...names: string[]): Record<string, string> =>
    Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  return {
    home: text('SALLYPORT_HOME') ?? join(root, '.sallyport'),
    sshPort: port('SALLYPORT_SSH_PORT', 60_022),
    httpPort: port('SALLYPORT_HTTP_PORT', 8_080),
    natsUrl: text('NATS_URL'),
    otlpEndpoint: text('OTEL_EXPORTER_OTLP_ENDPOINT'),
    profileFolder: text('SALLYPORT_PROFILE'),
    session: given('SESSION_PROCESSES', 'SESSION_WINDOW_BYTES', 'SESSION_PACKET_BYTES', 'SESSION_MAX_SESSIONS'),
    asset: given('ASSET_WATCH_SECONDS'),
  };
}
