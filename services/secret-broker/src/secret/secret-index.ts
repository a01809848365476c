import type { Scan, Secret as SecretDescription, SecretStanding } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Clock } from '../clock.js';
import type { FairGate } from '../kms/fair-gate.js';
import type { Kms } from '../kms/kms.js';
import { standingOf } from './secret-standing.js';

/** The largest page of KMS, and a bound on what is listed, far above the quota of a KMS instance. */
const PAGE_SIZE = 100;
const PAGES_AT_MOST = 200;
/** Whether a failed rotation counts as a change of the secret is not documented, so each is described again after this. */
const DESCRIBE_AGAIN_MS = 600_000;
/**
 * KMS tells the time of a change in whole seconds, by its own clock: what was described so soon after its change may have changed
 * once more without showing it.
 */
const SAME_TIME_MS = 5_000;
/** What was listed so short ago is not listed again. */
const FRESH_MS = 1_000;
/** Who asks for a region of many secrets gets what is known by then; of few, what there is now. */
const PATIENCE_MS = { few: 8_000, many: 100 } as const;
const FEW = 200;
/** A region that nobody asked for in so long is not kept fresh. */
const IN_USE_MS = 3_600_000;

/** DescribeSecret calls on their way at once. */
const SIDE_BY_SIDE = 8;

interface Entry {
  /** As KMS listed it. */
  listed: SecretDescription;
  /** As KMS described it, and what it had been listed as then; absent until the first time. */
  described?: { readonly secret: SecretDescription; readonly of: string; readonly at: number };
}

class Region {
  readonly entries = new Map<string, Entry>();
  /** Whether every secret has been described at least once. */
  complete = false;
  refreshedAt: number | undefined;
  askedAt = 0;
  /** What is under way. */
  changes: Promise<void> | undefined;
  again: Promise<void> | undefined;
  /** What was looked at alone since the last list began: that list may be from before. */
  readonly noted = new Set<string>();
}

/** What is known of a region. */
export interface Known {
  readonly items: SecretDescription[];
  /** There while the first look goes on. */
  readonly scan?: Scan;
  /** There when a list from now on was asked for, and had not ended in time: what others have just done may be missing. */
  readonly late?: true;
}

/**
 * What KMS tells of the ECS secrets of each region, without any value. ListSecrets names them and DescribeSecret alone says to which
 * instance one belongs, so each is described once, again when the list shows that it changed, and every ten minutes, at a
 * bounded rate. Who asks waits for what is new or changed, and never for the ten minutes' turn.
 */
export class SecretIndex {
  readonly #regions = new Map<string, Region>();

  /** @param gate the rate of DescribeSecret; it counts against the account's quota as well */
  constructor(
    private readonly kms: Kms,
    private readonly gate: FairGate,
    private readonly clock: Clock,
  ) {}

  /**
   * All secrets of a region that have been described, by name; with `scan` while the first look goes on.
   * @param options.anew from a list that begins now, for which it waits longer: of two who each made a secret and then ask, at
   * least one sees the other's
   * @throws DomainError `kms.*` KMS said no while we waited for it
   */
  async all(regionId: string, { anew = false }: { anew?: boolean } = {}): Promise<Known> {
    const region = this.#regionOf(regionId);
    region.askedAt = this.#nowMs();
    let ended = true;
    if (anew || !this.#isFresh(region)) {
      const changes = anew ? this.#lookAnew(regionId, region) : this.#lookForChanges(regionId, region);
      changes.then(() => this.#lookAgain(regionId, region)).catch(() => undefined); // whoever refreshes hears of it
      ended = await this.#waitFor(changes, () => !anew && region.entries.size > FEW);
    }
    const entries = [...region.entries.values()];
    const items = entries.flatMap((entry) => (entry.described ? [merged(entry, entry.described.secret)] : []));
    items.sort((a, b) => (a.name < b.name ? -1 : 1));
    const scan = region.complete ? undefined : { known: items.length, total: entries.length };
    return { items, ...(scan && { scan }), ...(anew && !ended && { late: true }) };
  }

  /** How one secret stands; `unknown` while it has not been looked at. Asks KMS only for one that the list does not have. */
  async standing(regionId: string, name: string): Promise<SecretStanding> {
    const region = this.#regionOf(regionId);
    const entry = region.entries.get(name);
    if (entry?.described) return standingOf(merged(entry, entry.described.secret));
    if (entry || region.refreshedAt === undefined) return { state: 'unknown' };
    try {
      return standingOf(await this.kms.describe({ regionId, name }));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return { state: error.code === 'secret.not-found' ? 'gone' : 'unknown' };
    }
  }

  /** When KMS made it: another secret may get the name of one that is gone. */
  createdAt(regionId: string, name: string): string | undefined {
    return this.#regionOf(regionId).entries.get(name)?.listed.createdAt;
  }

  /** Looks at one secret now, which somebody has just changed. Never fails: the next refresh sees to it. */
  async note(regionId: string, name: string): Promise<void> {
    const { entries, noted } = this.#regionOf(regionId);
    try {
      const secret = await this.kms.describe({ regionId, name });
      noted.add(name);
      entries.set(name, { listed: secret, described: { secret, of: stampOf(secret), at: this.#nowMs() } });
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'secret.not-found')) return;
      noted.add(name);
      entries.delete(name);
    }
  }

  /** Brings the regions up to date that somebody asked for within the hour. @throws the first error, after all were tried */
  async refreshAll(): Promise<void> {
    const inUse = [...this.#regions].filter(([, { askedAt }]) => this.#nowMs() - askedAt < IN_USE_MS);
    const ends = await Promise.allSettled(inUse.map(([regionId]) => this.refresh(regionId)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** Lists a region, and describes what is new or changed, then what is old. */
  async refresh(regionId: string): Promise<void> {
    const region = this.#regionOf(regionId);
    await this.#lookForChanges(regionId, region);
    await this.#lookAgain(regionId, region);
  }

  /** Those who ask at the same time share it. */
  #lookForChanges(regionId: string, region: Region): Promise<void> {
    const look = async (): Promise<void> => {
      region.noted.clear();
      const listed = await this.#list(regionId);
      for (const name of region.entries.keys())
        if (!listed.has(name) && !region.noted.has(name)) region.entries.delete(name);
      for (const [name, secret] of listed) {
        if (region.noted.has(name)) continue;
        const entry = region.entries.get(name);
        if (entry) entry.listed = secret;
        else region.entries.set(name, { listed: secret });
      }
      region.refreshedAt = this.#nowMs();
      await this.#describeAll(regionId, region, hasChanged);
      region.complete = true;
    };
    region.changes ??= look().finally(() => (region.changes = undefined));
    return region.changes;
  }

  /** Waits for the end of a look that is under way, as its list may have begun before. */
  async #lookAnew(regionId: string, region: Region): Promise<void> {
    await region.changes?.catch(() => undefined);
    await this.#lookForChanges(regionId, region);
  }

  #lookAgain(regionId: string, region: Region): Promise<void> {
    const isOld = ({ described }: Entry): boolean =>
      described !== undefined && this.#nowMs() - described.at > DESCRIBE_AGAIN_MS;
    region.again ??= this.#describeAll(regionId, region, isOld).finally(() => (region.again = undefined));
    return region.again;
  }

  async #describeAll(regionId: string, region: Region, isDue: (entry: Entry) => boolean): Promise<void> {
    const due = [...region.entries].filter(([, entry]) => isDue(entry));
    const work = async (): Promise<void> => {
      try {
        for (let next = due.shift(); next; next = due.shift()) await this.#describe(regionId, ...next);
      } catch (error) {
        due.length = 0; // what failed once fails for the others too: the next refresh tries again
        throw error;
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  }

  async #describe(regionId: string, name: string, entry: Entry): Promise<void> {
    const leave = await this.gate.enter(regionId, IN_USE_MS);
    try {
      const secret = await this.kms.describe({ regionId, name });
      entry.described = { secret, of: stampOf(entry.listed), at: this.#nowMs() };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (error.code === 'secret.not-found') this.#regionOf(regionId).entries.delete(name);
      // One that we may not look at is nobody's to import, and does not keep the others from it.
      else if (['kms.denied', 'secret.deleted'].includes(error.code))
        entry.described = { secret: entry.listed, of: stampOf(entry.listed), at: this.#nowMs() };
      else throw error;
    } finally {
      leave();
    }
  }

  /** By name: a list may change while its pages are read. */
  async #list(regionId: string): Promise<Map<string, SecretDescription>> {
    const byName = new Map<string, SecretDescription>();
    for (let number = 1; number <= PAGES_AT_MOST; number++) {
      const { items, totalCount } = await this.kms.list(regionId, { number, size: PAGE_SIZE });
      for (const item of items) if (item.type.toUpperCase() === 'ECS') byName.set(item.name, item);
      if (items.length === 0 || number * PAGE_SIZE >= totalCount) break;
    }
    return byName;
  }

  /** Not while what changed is being described; the first look is no reason to wait, as it shows how far it got. */
  #isFresh({ refreshedAt, changes, complete }: Region): boolean {
    return refreshedAt !== undefined && this.#nowMs() - refreshedAt < FRESH_MS && !(changes && complete);
  }

  /**
   * Until it has ended, or for as long as somebody who asks may be kept.
   * @param areMany how many there are shows only once they are listed
   * @returns whether it has ended
   * @throws DomainError it failed within that time
   */
  async #waitFor(changes: Promise<void>, areMany: () => boolean): Promise<boolean> {
    const endsAt = performance.now() + PATIENCE_MS.few;
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<false>((resolve) => {
      timer = setInterval(() => {
        if (areMany() || performance.now() > endsAt) resolve(false);
      }, PATIENCE_MS.many);
    });
    try {
      return await Promise.race([changes.then(() => true), over]);
    } finally {
      clearInterval(timer);
      changes.catch(() => undefined); // it goes on, and who asks next hears of its error
    }
  }

  #regionOf(regionId: string): Region {
    const region = this.#regions.get(regionId) ?? new Region();
    this.#regions.set(regionId, region);
    return region;
  }

  #nowMs(): number {
    return this.clock.now().getTime();
  }
}

/** What changes in the list when the secret changed, or was deleted and made anew under its name. */
function stampOf({ createdAt = '', updatedAt = '', plannedDeleteAt = '' }: SecretDescription): string {
  return `${createdAt} ${updatedAt} ${plannedDeleteAt}`;
}

/** Whether the list shows that the description is old, or cannot show that it is not. */
function hasChanged({ listed, described }: Entry): boolean {
  if (described?.of !== stampOf(listed)) return true;
  return described.at - Date.parse(listed.updatedAt ?? '') < SAME_TIME_MS;
}

/** The description, with what the list shows newer. */
function merged({ listed }: Entry, described: SecretDescription): SecretDescription {
  const { plannedDeleteAt, tags = described.tags } = listed;
  return { ...described, plannedDeleteAt, tags };
}
