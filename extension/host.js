// @ts-check
// The conversation with the native host: hello and welcome, reconnecting with
// backoff, one attempt at a time. What is said beyond that is delivery.js's.

export const PROTOCOL = 1;

/** What the host is to us. @typedef {'connecting' | 'ready' | 'refused' | 'gone'} HostState */

/**
 * @typedef {object} HostOptions
 * @property {() => chrome.runtime.Port} connect
 * @property {(port: chrome.runtime.Port) => string} lastError why the port closed, '' when the browser says nothing
 * @property {() => Promise<object>} hello what the hello message says of us, beyond type and protocol
 * @property {(ms: number, then: () => void) => void} later
 * @property {() => void} onChange state or message changed
 * @property {(message: any) => void} onMessage any message after the welcome
 */

const FIRST_DELAY = 200;
const LAST_DELAY = 30_000;
const WELCOME_WITHIN = 10_000;

export class Host {
  /** @type {HostState} */
  state = 'gone';
  /** Why the host was not reached the last time, '' when it was or nobody has tried. */
  message = '';
  /** The host's version. */
  version = '';
  /** Which side is too old, when the state is refused. @type {'host' | 'extension'} */
  update = 'host';
  /** Whether the tester asked for stand-ins when starting the browser. */
  standIn = false;

  /** @type {chrome.runtime.Port | null} */
  #port = null;
  #delay = 0;
  #waiting = false;
  #options;

  /** @param {HostOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** Connects, unless a connection or an attempt is there or a retry is due. */
  start() {
    if (this.#port === null && !this.#waiting) void this.#attempt();
  }

  /** Begins the conversation anew, as something has changed that hello says. */
  again() {
    const port = this.#port;
    if (port === null) return;
    port.disconnect();
    this.#lost(port, '');
  }

  /** @param {object} message @returns {boolean} false when nobody is there to take it */
  send(message) {
    if (this.state !== 'ready' || this.#port === null) return false;
    try {
      this.#port.postMessage(message);
      return true;
    } catch {
      return false; // it broke just now; onDisconnect follows
    }
  }

  async #attempt() {
    const { connect, hello, later } = this.#options;
    this.#waiting = true;
    /** @type {chrome.runtime.Port} */
    let port;
    try {
      const words = await hello(); // the storage may fail
      port = connect();
      this.#port = port;
      this.#waiting = false;
      port.onMessage.addListener((message) => this.#receive(port, message));
      port.onDisconnect.addListener(() => this.#lost(port, this.#options.lastError(port)));
      this.#become('connecting', this.message); // what was wrong the last time may still be
      port.postMessage({ type: 'hello', protocol: PROTOCOL, ...words });
    } catch (e) {
      this.#port = null;
      this.#retry(String(e));
      return;
    }
    later(WELCOME_WITHIN, () => {
      if (this.#port !== port || this.state !== 'connecting') return;
      port.disconnect();
      this.#lost(port, 'The native host does not answer.');
    });
  }

  /**
   * @param {chrome.runtime.Port} port
   * @param {any} message
   */
  #receive(port, message) {
    if (port !== this.#port) return;
    switch (message?.type) {
      case 'welcome':
        this.version = String(message.host ?? '');
        this.standIn = message.stand_in === true;
        this.#become('ready', '');
        return;
      case 'refused':
        this.version = String(message.host ?? '');
        this.update = message.update === 'extension' ? 'extension' : 'host';
        this.#port = null;
        port.disconnect();
        // It may be updated while we run.
        this.#delay = LAST_DELAY;
        this.#retry(String(message.message || `Update the ${message.update ?? 'host'}.`), 'refused');
        return;
      default:
        this.#delay = 0; // it works: one that ends as soon as it has been given something is not to be started again at once
        this.#options.onMessage(message);
    }
  }

  /**
   * @param {chrome.runtime.Port} port
   * @param {string} why
   */
  #lost(port, why) {
    if (port !== this.#port) return;
    this.#port = null;
    this.#retry(why || 'The native host has ended.');
  }

  /**
   * @param {string} why
   * @param {HostState} [state]
   */
  #retry(why, state = 'gone') {
    this.#delay = Math.min(Math.max(this.#delay * 2, FIRST_DELAY), LAST_DELAY);
    this.#waiting = true;
    this.#options.later(this.#delay, () => {
      this.#waiting = false;
      this.start();
    });
    this.#become(state, why);
  }

  /**
   * @param {HostState} state
   * @param {string} message
   */
  #become(state, message) {
    this.state = state;
    this.message = message;
    this.#options.onChange();
  }
}
