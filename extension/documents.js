// @ts-check
// Which documents are open, as far as their records tell, so that the end of one
// that could not say so itself can be recorded: when a tab is closed, Firefox
// may end a content script before its page's last events. Pure.

/** @typedef {Record<string, any> & {document: string, seq: number, kind: string}} PageRecord */

export class Documents {
  /** The last record of each open document. @type {Map<string, PageRecord>} */
  #open = new Map();

  /** @param {PageRecord} record */
  seen(record) {
    if (record.kind === 'page' && record.event === 'closed') {
      this.#open.delete(record.document);
      return;
    }
    const last = this.#open.get(record.document);
    if (last === undefined || last.seq < record.seq) this.#open.set(record.document, record);
  }

  /**
   * The closed records that are missing for the documents of a tab that is gone.
   * They are forgotten with that.
   * @param {number} tab
   * @param {string} time ISO, when the tab went
   */
  closeTab(tab, time) {
    const closed = [];
    for (const [document, last] of this.#open) {
      if (last.tab !== tab) continue;
      this.#open.delete(document);
      const { v, frame, url, top_url, title } = last;
      const seq = last.seq + 1;
      closed.push({ v, kind: 'page', event: 'closed', id: `${document}/${seq}`, seq, time, tab, frame, document, url, top_url, title });
    }
    return closed;
  }
}
