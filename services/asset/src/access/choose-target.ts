import type { Authorization, EventData, HostId } from '@sallyport/contracts';
import type { AccessDenied } from '@sallyport/contracts';
import type { StoredAccount } from '../account/accounts.js';
import { permits, validityAt } from '../authorization/authorization.js';
import type { StoredHost } from '../host/hosts.js';

/** A host that the typed name may mean, with its accounts and what this user was permitted there. */
export interface Candidate {
  host: StoredHost;
  accounts: StoredAccount[];
  authorizations: Authorization[];
}

export interface Choice {
  host: StoredHost;
  account: StoredAccount;
  /** All that are live for this account. */
  authorizations: [Authorization, ...Authorization[]];
}

export interface Denial {
  /** For auditors. */
  reason: EventData<typeof AccessDenied>['reason'];
  hostId?: HostId;
  /** Only with `ambiguous`, and only of what the user may use: a sentence that names the choices. */
  advice?: string;
}

/**
 * The one account that a user means. Only hosts that the user may log on to now are looked at for a choice, so that nobody
 * learns of others.
 * @param accountName user name of the account; undefined when the user did not name one
 */
export function chooseTarget(candidates: Candidate[], accountName: string | undefined, now: Date): Choice | Denial {
  const usable = candidates
    .map((candidate) => ({ ...candidate, accounts: usableAccounts(candidate, accountName, now) }))
    .filter(({ accounts }) => accounts.length > 0);
  const present = usable.filter(({ host }) => host.status === 'active');
  const [first, ...others] = present;
  if (!first) {
    const missing = usable[0];
    return missing ? { reason: 'host-missing', hostId: missing.host.id } : whyNot(candidates, accountName, now);
  }
  if (others.length > 0) return { reason: 'ambiguous', advice: adviseHosts(present) };
  return chooseAccount(first, now);
}

function usableAccounts(candidate: Candidate, accountName: string | undefined, now: Date): StoredAccount[] {
  return candidate.accounts.filter(
    (account) =>
      (accountName === undefined || account.userName === accountName) &&
      liveFor(account, candidate.authorizations, now).length > 0,
  );
}

function liveFor({ id }: StoredAccount, authorizations: Authorization[], now: Date): Authorization[] {
  return authorizations.filter((one) => validityAt(one, now) === 'live' && permits(one, id));
}

/** A key goes before a password of the same user, as in Bastionhost. */
function chooseAccount({ host, accounts, authorizations }: Candidate, now: Date): Choice | Denial {
  const names = [...new Set(accounts.map((account) => account.userName))].sort();
  if (names.length > 1) {
    const advice = `you may log on to ${host.name} as ${names.join(', ')}: say which, as in USER@${names[0] ?? ''}@${host.name}`;
    return { reason: 'ambiguous', hostId: host.id, advice };
  }
  const keys = accounts.filter((account) => account.kind === 'ssh-key');
  const [account, another] = keys.length > 0 ? keys : accounts;
  if (account && !another) {
    const [one, ...more] = liveFor(account, authorizations, now);
    if (one) return { host, account, authorizations: [one, ...more] };
  }
  const secrets = accounts.map((one) => one.secretName).join(', ');
  const advice = `${host.name} has several secrets for ${names[0] ?? ''} (${secrets}): an administrator has to remove all but one`;
  return { reason: 'ambiguous', hostId: host.id, advice };
}

function adviseHosts(present: Candidate[]): string {
  const names = present.map(({ host }) => `${host.name} (${host.instanceId})`).sort();
  return `several hosts are meant: ${names.join(', ')}: say which, by name or instance id`;
}

/** For auditors: what stood in the way, at the host that came nearest. */
function whyNot(candidates: Candidate[], accountName: string | undefined, now: Date): Denial {
  const order: Denial['reason'][] = ['not-yet-valid', 'expired', 'forbidden', 'absent'];
  const reasons = candidates.map((candidate): Required<Omit<Denial, 'advice'>> => {
    return { reason: whyNotHere(candidate, accountName, now), hostId: candidate.host.id };
  });
  return reasons.sort((a, b) => order.indexOf(a.reason) - order.indexOf(b.reason))[0] ?? { reason: 'absent' };
}

function whyNotHere(
  { accounts, authorizations }: Candidate,
  accountName: string | undefined,
  now: Date,
): Denial['reason'] {
  const meant = accounts.filter((account) => accountName === undefined || account.userName === accountName);
  if (authorizations.length > 0 && meant.length === 0) return 'absent';
  const relevant = authorizations.filter((authorization) =>
    meant.some((account) => permits(authorization, account.id)),
  );
  const validities = relevant.map((authorization) => validityAt(authorization, now));
  if (validities.includes('not-yet-valid')) return 'not-yet-valid';
  return validities.includes('expired') ? 'expired' : 'forbidden';
}
