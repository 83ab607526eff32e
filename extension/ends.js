// @ts-check
// The ends that pages cannot tell of themselves: of a tab's when that is closed,
// and of all pages when the browser is to be ended. Pure.

/**
 * @typedef {object} EndsOptions
 * @property {import('./recording.js').Recording} recording
 * @property {import('./delivery.js').Delivery} delivery
 * @property {import('./documents.js').Documents} documents
 * @property {() => number} now milliseconds
 * @property {(ms: number, then: () => void) => void} later
 * @property {(problem: unknown) => void} complain
 */

const LOOK = 20;
/** A frame that has said nothing before may do so with the others of its page. */
const SILENT = 100;
/** What a closed tab's documents said last may still be on its way. */
const LATE = 2000;
/** How long pages may take to go when the browser is to be ended; only one that hangs takes so long. */
const GOING = 20_000; // less than settleTimeout in nativehost/internal/browser/launch.go

export class Ends {
  #options;

  /** @param {EndsOptions} options */
  constructor(options) {
    this.#options = options;
  }

  #time() {
    return new Date(this.#options.now()).toISOString();
  }

  /** @param {() => boolean} holds @param {number} [most] milliseconds */
  async #until(holds, most = Infinity) {
    const { later, now } = this.#options;
    const end = now() + most;
    while (!holds() && now() < end) await new Promise((resolve) => later(LOOK, () => resolve(undefined)));
  }

  /** What pages have written to the storage; if that fails, what is known is all that can be told. */
  async #find() {
    await this.#options.delivery.find().catch(this.#options.complain);
  }

  /**
   * A tab has gone: that its documents could not say their end is known when all
   * that they said is stored.
   * @param {number} tab
   */
  async closed(tab) {
    const { recording, delivery, documents, later } = this.#options;
    const time = this.#time();
    await new Promise((resolve) => later(LATE, () => resolve(undefined)));
    await this.#until(() => recording.connections(tab).length === 0);
    await this.#find();
    await delivery.drained();
    recording.take(documents.closeTab(tab, time));
  }

  /**
   * Waits for what documents say last, as long as they do. Chromium closes the
   * ports of a page that goes into the back/forward cache before its frames have
   * had their last event; what they say then comes by the storage.
   */
  async #lastWords() {
    const { delivery, documents, now } = this.#options;
    let { heard } = documents;
    for (let since = now(); now() - since < LATE;) {
      const open = documents.open;
      await this.#until(() => false, open ? LOOK : SILENT);
      await this.#find();
      if (!open && delivery.idle && documents.heard === heard) return;
      if (documents.heard !== heard) since = now();
      ({ heard } = documents);
    }
  }

  /**
   * Resolves when the host has all that pages have said, after the last of them
   * has been closed. The browser ends this extension then, and a machine may be
   * busy: what was said is known to be here when its page's port is closed, and
   * what the page wrote to the storage as it went is there before we ask.
   */
  async finish() {
    const { recording, delivery, documents } = this.#options;
    await this.#until(() => recording.connections().length === 0, GOING);
    await this.#lastWords();
    await this.#until(() => delivery.idle);
    recording.tellUnrecorded();
    recording.take([...recording.unheard(), ...documents.closeAll(this.#time())]);
    await this.#until(() => delivery.idle);
  }
}
