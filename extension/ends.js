// @ts-check
// Records the end of pages that cannot do so themselves: when a tab is closed, and when
// the browser is about to be ended. Pure.

import { WHY, gapFor } from './records.js';

/** @typedef {import('./records.js').PageRecord} PageRecord */

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
/** How long to wait for frames that have not connected before, in milliseconds. */
const SILENT = 100;
/** How long the last records of a closed tab may still be on their way, in milliseconds. */
const LATE = 2000;
/** For how long nothing more comes when the browser is about to be ended and a document has still not said "closed", in milliseconds. A busy machine takes seconds. */
const QUIET = 5000;
/** How long pages may take to close when the browser is about to be ended, in milliseconds. Only a page that hangs takes so long. */
const GOING = 20_000; // less than settleTimeout in nativehost/internal/browser/launch.go

/** The gap which says that a page may have had more to report. @param {PageRecord} closed its "closed" record, which is not its own */
const unheard = ({ document, time, tab, frame, url, top_url }) =>
  ({ ...gapFor(document, 0, WHY.unheard, time, 0), id: `${document}/unheard`, tab, frame, url, top_url });

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

  /** Finds what pages have written to the storage. If that fails, go on with what is known. */
  async #find() {
    await this.#options.delivery.find().catch(this.#options.complain);
  }

  /**
   * A tab was closed. When all that its documents sent is stored, it is known which of them
   * have not said "closed" themselves.
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
   * Waits for the last records of documents, as long as there are new ones. When a page goes
   * into the back/forward cache, Chromium closes the ports of its frames before their last
   * event; what they record then comes through the storage. See
   * https://developer.chrome.com/blog/bfcache-extension-messaging-changes
   */
  async #lastWords() {
    const { delivery, documents, now } = this.#options;
    let { heard } = documents;
    for (let since = now(); now() - since < QUIET;) {
      const open = documents.open;
      await this.#until(() => false, open ? LOOK : SILENT);
      await this.#find();
      if (!open && delivery.idle && documents.heard === heard) return;
      if (documents.heard !== heard) since = now();
      ({ heard } = documents);
    }
  }

  /**
   * Resolves when all pages have been closed and the host has all their records. After that
   * the browser ends this extension. When a page's port is closed, everything that the page
   * sent has arrived; what it wrote to the storage may come a little later. A page that has
   * not said "closed" by then gets a gap: it hangs, has crashed, or was stopped by the
   * browser. (Whether a page whose tab was closed first hung or crashed is not known here;
   * the program knows it, see KeepCut in nativehost/internal/ending.) Of frames, only those
   * that still have a port get one: a frame of a page that was prerendered loses it before
   * its last event, in Chromium (measured).
   */
  async finish() {
    const { recording, delivery, documents } = this.#options;
    await this.#until(() => recording.connections().length === 0, GOING);
    await this.#lastWords();
    await this.#until(() => delivery.idle);
    recording.tellUnrecorded();
    const closed = documents.closeAll(this.#time());
    const connected = new Set(recording.connections().map(({ document }) => document));
    const owing = closed.filter(({ document, frame }) => !documents.isExcluded(document) && (connected.has(document) || frame === 0));
    recording.take([...owing.map(unheard), ...closed]);
    await this.#until(() => delivery.idle);
  }
}
