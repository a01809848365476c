import type { Target } from '@sallyport/contracts';
import { KnownHostsRoute, ListTargetsV1, SshConfigRoute } from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import { streamEndpoint, type Endpoint, type Viewer } from '../endpoints/endpoint.js';
import { configHead, configOf, knownHosts } from './ssh-config.js';
import type { SshDoor } from './ssh-config.js';

const PAGE = 200;

/** What a person's own SSH client has to know. */
export function sshClientEndpoints(bus: Bus, door: SshDoor): Endpoint[] {
  return [
    streamEndpoint(SshConfigRoute, async (_, viewer) => {
      const first = await targets(bus, viewer, undefined);
      return (async function* config() {
        yield configHead(viewer.username, door);
        for await (const { host, accounts } of byHost(bus, viewer, first))
          yield configOf(viewer.username, host, accounts, door);
      })();
    }),
    streamEndpoint(KnownHostsRoute, () =>
      Promise.resolve(
        (async function* lines() {
          yield await Promise.resolve(knownHosts(door));
        })(),
      ),
    ),
  ];
}

type Page = { items: Target[]; nextCursor?: string | undefined };

async function targets(bus: Bus, { identity }: Viewer, cursor: string | undefined): Promise<Page> {
  return bus.request(ListTargetsV1, {
    identity: await identity(),
    limit: PAGE,
    ...(cursor === undefined ? {} : { cursor }),
  });
}

/** Asset lists by host and account, so what belongs together comes together, also across pages. */
async function* byHost(
  bus: Bus,
  viewer: Viewer,
  first: Page,
): AsyncGenerator<{ host: string; accounts: readonly string[] }> {
  let current: { host: string; accounts: string[] } | undefined;
  for (let page: Page | undefined = first; page;) {
    for (const { host, account } of page.items) {
      if (current?.host === host) {
        current.accounts.push(account);
        continue;
      }
      if (current) yield current;
      current = { host, accounts: [account] };
    }
    page = page.nextCursor === undefined ? undefined : await targets(bus, viewer, page.nextCursor);
  }
  if (current) yield current;
}
