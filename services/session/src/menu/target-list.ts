import type { ListTargetsV1, ReplyOf, Target } from '@sallyport/contracts';
import { characters } from './shown.js';

export type TargetPage = ReplyOf<typeof ListTargetsV1>;
/** Asks for one page. */
export type ListPage = (search: string, cursor: string | undefined) => Promise<TargetPage>;

/** Longest search that asset takes. */
const SEARCH_LIMIT = 128;
/** Nobody walks through more; whoever has more types a word. */
const MOST_ITEMS = 1_000;
/** So many below the choice there should be more of the list, when there is more. */
const AHEAD = 50;

/**
 * What a menu shows: the targets that fit what was typed, as far as they have been fetched, and which one is chosen. There is at
 * most one question to asset at a time, however fast somebody types.
 */
export class TargetList {
  search: string;
  items: readonly Target[] = [];
  selected = 0;
  /** Whether there are more than `items`. */
  more = false;
  /** Nothing is known yet, or not for what was typed last. */
  loading = true;
  #fetching: Promise<void> | undefined;
  /** Why there is no list. */
  failure: unknown;
  #fetched: { search: string; cursor: string | undefined } | undefined;

  /** @param changed something is to be shown anew */
  constructor(
    private readonly list: ListPage,
    private readonly changed: () => void,
    search = '',
  ) {
    this.search = search;
  }

  get choice(): Target | undefined {
    // A list that is being replaced is not what the user sees fit.
    return this.#fetched?.search === this.search ? this.items[this.selected] : undefined;
  }

  /** Fetches the beginning, or what fits now, if that is not under way. Never rejects. */
  fetch(): Promise<void> {
    this.#fetching ??= this.#fetch().finally(() => (this.#fetching = undefined));
    return this.#fetching;
  }

  /** Resolves when nothing is being fetched: `choice` is for what was typed last. */
  settled(): Promise<void> {
    return this.#fetching ?? Promise.resolve();
  }

  /** Adds to what is searched for. */
  type(text: string): Promise<void> {
    return this.#searchFor(`${this.search}${text}`.slice(0, SEARCH_LIMIT));
  }

  erase(what: 'character' | 'word' | 'all'): Promise<void> {
    if (what === 'all') return this.#searchFor('');
    if (what === 'word') return this.#searchFor(this.search.replace(/\S*\s*$/, ''));
    return this.#searchFor(characters(this.search).slice(0, -1).join(''));
  }

  /** Moves the choice; it stays within the list. */
  move(by: number): Promise<void> {
    this.selected = Math.max(0, Math.min(this.items.length - 1, this.selected + by));
    this.changed();
    return this.#wantsMore ? this.fetch() : Promise.resolve();
  }

  get #wantsMore(): boolean {
    return this.more && this.items.length < MOST_ITEMS && this.selected + AHEAD > this.items.length;
  }

  #searchFor(search: string): Promise<void> {
    if (search === this.search) return Promise.resolve();
    this.search = search;
    this.changed();
    return this.fetch();
  }

  async #fetch(): Promise<void> {
    this.loading = true;
    this.changed();
    try {
      while (this.#fetched?.search !== this.search || this.#wantsMore) await this.#fetchPage();
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
      this.#fetched = undefined;
      this.items = [];
    }
    this.loading = false;
    this.changed();
  }

  async #fetchPage(): Promise<void> {
    const { search } = this;
    const goesOn = this.#fetched?.search === search;
    const page = await this.list(search, goesOn ? this.#fetched?.cursor : undefined);
    this.#fetched = { search, cursor: page.nextCursor };
    this.more = page.nextCursor !== undefined;
    this.items = goesOn ? [...this.items, ...page.items] : page.items;
    if (!goesOn) this.selected = 0;
    this.changed();
  }
}
