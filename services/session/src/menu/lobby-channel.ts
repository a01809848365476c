import type { Target } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { exitStatus } from '@sallyport/ssh-wire';
import type { Channel, ChannelEvent } from '@sallyport/ssh-wire';
import { isCancel } from '@clack/core';
import { endWithLine } from '../relay/end-with-line.js';
import { MenuStart } from './menu-start.js';
import type { ScreenSize } from './screen.js';
import { shown } from './shown.js';
import { Display, Keys } from './streams.js';
import { TargetList } from './target-list.js';
import type { ListPage } from './target-list.js';
import { TargetPrompt } from './target-prompt.js';
import { Turns } from './turns.js';
import { VisitEnd } from './visit-end.js';

/** What a menu needs of the lobby that it is in. */
export interface MenuParts {
  readonly username: string;
  readonly list: ListPage;
  /** Aborts when the lobby ends, with the last line for the user: the menu leaves the screen as it was. */
  readonly ended: AbortSignal;
  /** The one line for a user. */
  explain(error: unknown): string;
  /** The user pressed a key. */
  active(): void;
  /**
   * Takes the user to a target, to the end of the visit. Never rejects.
   * @param givenUp aborts when the user does not want to wait any longer
   * @param reached to be called once nobody waits any more: from when it returns, `end` has what is typed
   * @returns the line that says why it ended, when it was not the user who ended it
   */
  visit(target: Target, end: VisitEnd, givenUp: AbortSignal, reached: () => Promise<void>): Promise<string | undefined>;
}

/** A menu that is on the screen. */
interface Drawn {
  readonly keys: Keys;
  readonly display: Display;
  readonly list: TargetList;
}

const TO_ALTERNATE_SCREEN = '\x1b[?1049h\x1b[2J\x1b[H';
const CLEAR = '\x1b[2J\x1b[H';
/** Cursor shown (DECTCEM), and the screen that was there before (xterm's 1049). */
const FROM_ALTERNATE_SCREEN = '\x1b[0m\x1b[?25h\x1b[?1049l';
/**
 * What a program at the target may have left behind: soft reset (DECSTR), reports of the mouse, bracketed paste, the alternate
 * screen.
 */
const AS_IT_WAS = '\x1b[!p\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1049l';
const CTRL_C = 0x03;
const CR = 0x0d;
/** Keys that are handed to the prompt at once: each may draw a screen, which the client must take before there is another. */
const KEYS_AT_ONCE = 64;
/** Of what waits together: nobody types that fast, and what somebody pastes by mistake costs work for each key. */
const MOST_TYPED = 256;

/** One `session` channel of a lobby: the menu, a target, the menu again, until the user leaves. */
export class LobbyChannel {
  readonly #start = new MenuStart();
  readonly #events: Turns<ChannelEvent>;
  #display: Display | undefined;
  #visit: VisitEnd | undefined;
  #notice: string | undefined;
  #search = '';
  /** The client sends no more keys. */
  #eof = false;

  constructor(
    private readonly channel: Channel,
    private readonly parts: MenuParts,
  ) {
    this.#events = new Turns(channel.incoming());
  }

  /** Returns when the channel is over. */
  async run(): Promise<void> {
    let menu: Promise<void> | undefined;
    for await (const request of this.channel.requests()) {
      if (this.#visit) {
        if (request.name === 'window-change') this.#start.take({ ...request, reply: () => undefined });
        this.#visit.ask(request);
      } else if (menu) {
        if (this.#start.take(request)) request.reply(false);
        else if (this.#start.terminal) this.#display?.resize(this.#start.terminal.screen);
      } else {
        const started = this.#start.take(request);
        if (!started) continue;
        request.reply(true);
        const draws = started.kind === 'shell' && this.#start.terminal?.draws === true;
        menu = draws ? this.#serve() : this.#refuse();
      }
    }
    await menu;
  }

  /** Without a terminal, or with something to run, there is nobody to choose. */
  async #refuse(): Promise<void> {
    void this.#drop();
    const { username } = this.parts;
    const howTo = `name a target: ssh ${username}@ACCOUNT@HOST@THIS-BASTION; or choose one on a terminal: ssh -t ${username}@THIS-BASTION`;
    const line = this.parts.explain(new DomainError('request.invalid', howTo));
    await endWithLine(this.channel, line, this.#start.terminal !== undefined);
  }

  async #drop(): Promise<void> {
    while (await this.#events.next(this.parts.ended));
  }

  async #serve(): Promise<void> {
    for (let target = await this.#choose(); target; target = await this.#choose()) await this.#visitTarget(target);
    const { ended } = this.parts;
    if (ended.aborted) {
      await endWithLine(this.channel, String(ended.reason), true);
      return;
    }
    await this.channel.request({ name: 'exit-status', wantReply: false, payload: exitStatus(0) });
    this.channel.sendEof();
    this.channel.close();
  }

  /** Shows the menu until there is a choice; undefined when the user, or the lobby, is leaving. */
  async #choose(): Promise<Target | undefined> {
    if (this.#eof || this.parts.ended.aborted) return undefined;
    await this.#say(TO_ALTERNATE_SCREEN);
    try {
      for (;;) {
        const prompt = this.#prompt();
        const chosen = await prompt.answer;
        if (chosen) return chosen;
        if (!prompt.wantsAll()) return undefined;
        this.#search = '';
        await this.#say(CLEAR);
      }
    } finally {
      this.#display = undefined;
      await this.#say(FROM_ALTERNATE_SCREEN);
    }
  }

  #prompt(): { answer: Promise<Target | undefined>; wantsAll: () => boolean } {
    const [eof, answered] = [new AbortController(), new AbortController()];
    const signal = AbortSignal.any([eof.signal, this.parts.ended]);
    const keys = new Keys();
    const display = new Display((bytes) => this.channel.write(bytes), this.#screen);
    const list = new TargetList(
      this.parts.list,
      () => {
        display.redraw();
      },
      this.#search,
    );
    const view = () => ({
      username: this.parts.username,
      list,
      notice: list.failure === undefined ? this.#notice : this.parts.explain(list.failure),
    });
    const prompt = new TargetPrompt({ keys, display, list, signal, view });
    this.#display = display;
    const answer = prompt.prompt().then(async (chosen) => {
      answered.abort();
      this.#search = list.search;
      await display.drained();
      return isCancel(chosen) ? undefined : chosen;
    });
    void list.fetch();
    void this.#type({ keys, display, list }, AbortSignal.any([signal, answered.signal]), eof);
    return { answer, wantsAll: () => prompt.wantsAll && !this.#eof };
  }

  /** Gives the client’s keys to a prompt, as fast as it can show what they do; what it does not want is for whoever comes next. */
  async #type(drawn: Drawn, turnOver: AbortSignal, eof: AbortController): Promise<void> {
    for (let event = await this.#events.next(turnOver); event; event = await this.#events.next(turnOver)) {
      if (event.kind !== 'data') break;
      this.parts.active();
      const rest = await press(event.bytes, drawn, turnOver);
      if (rest.length > 0) this.#events.giveBack({ ...event, bytes: rest });
    }
    if (turnOver.aborted) return;
    this.#eof = true;
    eof.abort();
  }

  async #visitTarget(target: Target): Promise<void> {
    const name = `${shown(target.account)}@${shown(target.host)}`;
    await this.#say(`sallyport: to ${name}\r\n`);
    const end = new VisitEnd(this.channel, this.#events, this.#start.requests());
    const givenUp = new AbortController();
    const reached = new AbortController();
    const waiting = this.#watchForCtrlC(reached.signal, givenUp);
    this.#visit = end;
    const line = await this.parts.visit(target, end, givenUp.signal, () => {
      reached.abort();
      return waiting;
    });
    this.#visit = undefined;
    end.close();
    this.parts.active();
    const usual = givenUp.signal.aborted ? `Gave up waiting for ${name}.` : `Back from ${name}.`;
    this.#notice = line ?? (end.lastWords === '' ? usual : end.lastWords);
    await this.#say(AS_IT_WAS);
    // It stays on the screen, for when the menu is gone.
    if (line !== undefined) await this.#say(`\r\n${shown(line)}\r\n`);
  }

  /** While the logon is under way. Whatever else is typed is for the target. */
  async #watchForCtrlC(over: AbortSignal, givenUp: AbortController): Promise<void> {
    const typed: ChannelEvent[] = [];
    for (let bytes = 0; bytes < 65_536;) {
      const event = await this.#events.next(over);
      if (!event) break;
      if (event.kind === 'data') {
        bytes += event.bytes.length;
        if (event.bytes.includes(CTRL_C)) {
          givenUp.abort();
          continue;
        }
      }
      typed.push(event);
    }
    this.#events.giveBack(...typed);
  }

  get #screen(): ScreenSize {
    return this.#start.terminal?.screen ?? { columns: 0, rows: 0 };
  }

  async #say(text: string): Promise<void> {
    await this.channel.write(Buffer.from(text));
  }
}

/** @returns what was not wanted any more */
async function press(bytes: Buffer, { keys, display, list }: Drawn, turnOver: AbortSignal): Promise<Buffer> {
  let rest = bytes.includes(CR) ? bytes : bytes.subarray(0, MOST_TYPED);
  while (rest.length > 0 && !turnOver.aborted) {
    // Enter means what fits all that was typed before it; what follows it may be for the target.
    const enter = rest.indexOf(CR);
    if (enter === 0) await list.settled();
    const atOnce = enter === 0 ? 1 : Math.min(KEYS_AT_ONCE, enter > 0 ? enter : rest.length);
    keys.press(rest.subarray(0, atOnce));
    rest = rest.subarray(atOnce);
    // A stream hands on what it has in a later turn.
    await new Promise((resolve) => setImmediate(resolve));
    await display.drained();
  }
  return rest;
}
