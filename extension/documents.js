// @ts-check
// Which documents are open, as far as their records tell, so that the end of one
// that could not say so itself can be recorded: when a tab is closed, Firefox
// may end a content script before its page's last events. Pure.

/** @typedef {Record<string, any> & {document: string, seq: number, kind: string}} PageRecord */

/**
 * @typedef {object} Known
 * @property {PageRecord} last its last record
 * @property {number} closed the seq of its closed record, 0 while there is none
 */

/** So many documents are remembered; of more, the oldest are forgotten, closed ones first. */
const CAPACITY = 1000;

export class Documents {
  /** @type {Map<string, Known>} */
  #known = new Map();

  /** How many records have been seen. */
  heard = 0;

  /** @param {PageRecord} record in any order: a page's last records can overtake each other */
  seen(record) {
    this.heard++;
    let known = this.#known.get(record.document);
    if (known === undefined) {
      known = { last: record, closed: 0 };
      this.#known.set(record.document, known);
      if (this.#known.size > CAPACITY) this.#forget();
    }
    if (known.last.seq < record.seq) known.last = record;
    if (record.kind !== 'page') return;
    if (record.event === 'closed') known.closed = Math.max(known.closed, record.seq);
    // Back from the back/forward cache.
    if (record.event === 'opened' && record.seq > known.closed) known.closed = 0;
  }

  /** Whether one of them has not said its end. */
  get open() {
    return [...this.#known.values()].some(({ closed }) => closed === 0);
  }

  /** Whether anything has been recorded of a document. @param {string} document */
  knows(document) {
    return this.#known.has(document);
  }

  #forget() {
    const all = [...this.#known];
    const oldest = all.find(([, { closed }]) => closed > 0) ?? all[0];
    if (oldest !== undefined) this.#known.delete(oldest[0]);
  }

  /**
   * The closed records that are missing for the documents of a tab that is gone.
   * Their ids are not made of their seq: a record of the page's own that comes
   * late must not be taken for the same one.
   * @param {number} tab
   * @param {string} time ISO, when the tab went
   */
  closeTab(tab, time) {
    return this.#close(time, (known) => known.last.tab === tab);
  }

  /** The same for all tabs. @param {string} time */
  closeAll(time) {
    return this.#close(time, () => true);
  }

  /**
   * @param {string} time
   * @param {(known: Known) => boolean} gone
   */
  #close(time, gone) {
    const closed = [];
    for (const [document, known] of this.#known) {
      if (!gone(known) || known.closed > 0) continue;
      const { v, frame, url, top_url, title, seq, tab } = known.last;
      known.closed = seq + 1; // and not forgotten: a record that is stored a second time would open it again
      closed.push({ v, kind: 'page', event: 'closed', id: `${document}/closed`, seq: seq + 1, time, tab, frame, document, url, top_url, title });
    }
    return closed;
  }
}
