// @ts-check
// Remembers which documents are open by their records, so that "closed" can be recorded
// for a document that could not do so itself: when a tab is closed, Firefox may end a
// content script before the page's last events. Pure.

/** @typedef {Record<string, any> & {document: string, seq: number, kind: string}} PageRecord */

/**
 * @typedef {object} Known
 * @property {PageRecord} last its last record
 * @property {number} closed the seq of its "closed" record, 0 while there is none
 * @property {boolean} excluded its relay was told that it is excluded, and says no more
 */

/** How many documents are remembered. When there are more, closed ones are forgotten first, then the oldest. */
const CAPACITY = 1000;

export class Documents {
  /** @type {Map<string, Known>} */
  #known = new Map();

  /** How many records have been seen. */
  heard = 0;

  /** @param {PageRecord} record records may come in any order: a page's last ones can overtake each other */
  seen(record) {
    this.heard++;
    let known = this.#known.get(record.document);
    if (known === undefined) {
      known = { last: record, closed: 0, excluded: false };
      this.#known.set(record.document, known);
      if (this.#known.size > CAPACITY) this.#forget();
    }
    if (known.last.seq < record.seq) known.last = record;
    if (record.kind !== 'page') return;
    if (record.event === 'closed') known.closed = Math.max(known.closed, record.seq);
    // The document is back from the back/forward cache.
    if (record.event === 'opened' && record.seq > known.closed) known.closed = 0;
  }

  /** A document's relay was told that the document is excluded. @param {string} document */
  exclude(document) {
    const known = this.#known.get(document);
    if (known !== undefined) known.excluded = true;
  }

  /** Whether a document's relay was told that the document is excluded. @param {string} document */
  isExcluded(document) {
    return this.#known.get(document)?.excluded === true;
  }

  /** Whether a document is open that may still say something. */
  get open() {
    return [...this.#known.values()].some(({ closed, excluded }) => closed === 0 && !excluded);
  }

  /** Whether there was a record of a document. @param {string} document */
  knows(document) {
    return this.#known.has(document);
  }

  #forget() {
    const all = [...this.#known];
    const oldest = all.find(([, { closed }]) => closed > 0) ?? all[0];
    if (oldest !== undefined) this.#known.delete(oldest[0]);
  }

  /**
   * Makes the missing "closed" records for the documents of a closed tab. Their ids do not
   * contain the seq: a late record of the page with the same seq must not count as the same
   * record.
   * @param {number} tab
   * @param {string} time ISO, when the tab was closed
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
      known.closed = seq + 1; // keep it: otherwise a record that is sent a second time would open it again
      closed.push({ v, kind: 'page', event: 'closed', id: `${document}/closed`, seq: seq + 1, time, tab, frame, document, url, top_url, title });
    }
    return closed;
  }
}
