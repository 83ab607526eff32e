// @ts-check
// The connection to the native host: hello and welcome, and connecting again with growing
// pauses, one attempt at a time. delivery.js does the rest.

export const PROTOCOL = 1;

/** The state of the connection. @typedef {'connecting' | 'ready' | 'refused' | 'gone'} HostState */

/**
 * @typedef {object} HostOptions
 * @property {() => chrome.runtime.Port} connect
 * @property {(port: chrome.runtime.Port) => string} lastError says why the port closed, '' when the browser does not say
 * @property {() => Promise<object>} hello the members of the hello message besides type and protocol
 * @property {(ms: number, then: () => void) => void} later
 * @property {() => void} onChange is called when state or message have changed
 * @property {(message: any) => void} onMessage is called with every message after the welcome
 */

const FIRST_DELAY = 200;
const LAST_DELAY = 30_000;
const WELCOME_WITHIN = 10_000;

export class Host {
  /** @type {HostState} */
  state = 'gone';
  /** Why the last attempt to reach the host failed, '' when it succeeded or there was none. */
  message = '';
  /** The host's version. */
  version = '';
  /** When the state is refused: which side is too old. @type {'host' | 'extension'} */
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

  /** Connects, unless there is a connection, an attempt, or a planned retry. */
  start() {
    if (this.#port === null && !this.#waiting) void this.#attempt();
  }

  /** Connects anew, because something has changed that the hello says. */
  again() {
    const port = this.#port;
    if (port === null) return;
    port.disconnect();
    this.#lost(port, '');
  }

  /** @param {object} message @returns {boolean} false when there is no host */
  send(message) {
    if (this.state !== 'ready' || this.#port === null) return false;
    try {
      this.#port.postMessage(message);
      return true;
    } catch {
      return false; // the port has just closed; onDisconnect follows
    }
  }

  async #attempt() {
    const { connect, hello, later } = this.#options;
    this.#waiting = true;
    /** @type {chrome.runtime.Port} */
    let port;
    try {
      const words = await hello(); // it reads the storage, which may fail
      port = connect();
      this.#port = port;
      this.#waiting = false;
      port.onMessage.addListener((message) => this.#receive(port, message));
      port.onDisconnect.addListener(() => this.#lost(port, this.#options.lastError(port)));
      this.#become('connecting', this.message); // the old reason may still hold
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
        // The other side may be updated while we run.
        this.#delay = LAST_DELAY;
        this.#retry(String(message.message || `Update the ${message.update ?? 'host'}.`), 'refused');
        return;
      default:
        this.#delay = 0; // reset only now that it works: a host that ends with its first message must not be started again at once
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
