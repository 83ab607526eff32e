// @ts-check
// Counts what the badge and the popup show of each tab. Pure.

import { number } from './i18n.js';
import { WHY } from './records.js';

/**
 * What a tab's page has sent since it was opened.
 * @typedef {object} TabTally
 * @property {string} page its top document, '' until that has sent something
 * @property {boolean} left the tab does not show it any more
 * @property {number} calls
 * @property {number} error findings
 * @property {number} warning
 * @property {number} info
 * @property {string[]} documents those whose relay has sent something, up to a limit
 * @property {string[]} hooked those of them whose script in the page's world answers
 * @property {number} lost lost calls, without those that the tester did not want
 * @property {string[]} places where its calls went
 * @property {RecentCall[]} recent the last calls, newest first
 */

/**
 * @typedef {object} RecentCall
 * @property {string} id
 * @property {string} name the event's, cut
 * @property {string} time ISO
 * @property {boolean} simulated a tester's simulation caused it
 * @property {{error: number, warning: number, info: number} | null} verdict null until the host has judged it
 */

const RECENT = 6;
const MAX_NAME = 60;
const MAX_PLACES = 20;
/** How many documents of a page are kept. */
const DOCUMENTS = 100;

/**
 * "3 calls, 1 error, 2 warnings"
 * @param {import('./i18n.js').Say} say
 * @param {{calls: number, error: number, warning: number}} tally
 */
export const counts = (say, { calls, error, warning }) =>
  [number(say, 'calls', calls), number(say, 'errors', error), number(say, 'warnings', warning)].join(', ');

/** @returns {TabTally} */
const nothing = () => ({
  page: '', left: false, calls: 0, error: 0, warning: 0, info: 0, documents: [], hooked: [], lost: 0, places: [], recent: [],
});

/** @param {string[]} list @param {string} item */
const note = (list, item, most = DOCUMENTS) => {
  if (!list.includes(item) && list.length < most) list.push(item);
};

export class Tally {
  /** @type {Map<number, TabTally>} */
  #tabs;

  /** @param {[number, TabTally][]} [saved] what save() returned */
  constructor(saved = []) {
    this.#tabs = new Map(saved);
  }

  save() {
    return [...this.#tabs];
  }

  /** The tally of the page that a tab shows. @param {number} tab */
  of(tab) {
    const tally = this.#tabs.get(tab);
    return tally === undefined || tally.left ? nothing() : tally;
  }

  /** A page was left. The tab may now show one that sends nothing. @param {number | undefined} tab @param {string} page */
  left(tab, page) {
    const tally = tab === undefined ? undefined : this.#tabs.get(tab);
    if (tally?.page === page) tally.left = true;
  }

  /** @param {number} tab */
  forget(tab) {
    this.#tabs.delete(tab);
  }

  /**
   * A document has connected: for the first time or again, for example from the back/forward
   * cache, or after the background was stopped.
   * @param {number | undefined} tab
   * @param {string} document
   * @param {boolean} top
   */
  introduce(tab, document, top) {
    if (tab === undefined) return;
    const before = this.#tabs.get(tab) ?? nothing();
    const tally = top && before.page !== document ? { ...nothing(), page: document } : before;
    if (top) tally.left = false;
    note(tally.documents, document);
    this.#tabs.set(tab, tally);
  }

  /**
   * The tally of a record's page, if its tab still shows that page.
   * @param {{document: string, tab: number}} record
   */
  #whose({ document, tab }) {
    const tally = this.#tabs.get(tab);
    return tally?.documents.includes(document) || tally?.documents.length === DOCUMENTS ? tally : undefined;
  }

  /**
   * Counts a record of a page. "closed" is ignored: it may come after the tab was forgotten.
   * @param {any} record
   */
  seen(record) {
    if (typeof record.tab !== 'number' || record.event === 'closed') return;
    const tally = this.#whose(record);
    if (tally === undefined) return;
    switch (record.kind) {
      case 'page':
        if (record.event === 'hooked') note(tally.hooked, record.document);
        break;
      case 'call': {
        tally.calls++;
        const [first] = record.args ?? [];
        const name = typeof first === 'string' ? first.slice(0, MAX_NAME) : '';
        tally.recent = [{ id: record.id, name, time: record.time, simulated: record.simulated === true, verdict: null }, ...tally.recent].slice(0, RECENT);
        break;
      }
      case 'gap':
        if (record.why !== WHY.paused && record.why !== WHY.excluded) tally.lost += record.lost;
        break;
    }
  }

  /**
   * Counts the host's verdict on a record.
   * @param {any} record
   * @param {{error?: number, warning?: number, info?: number}} verdict
   */
  judged(record, verdict) {
    const tally = this.#whose(record);
    if (tally === undefined) return;
    tally.error += verdict.error ?? 0;
    tally.warning += verdict.warning ?? 0;
    tally.info += verdict.info ?? 0;
    for (const { to } of record.pushed ?? []) this.forwarded(record.tab, record.document, to);
    const call = tally.recent.find((c) => c.id === record.id);
    if (call) call.verdict = { error: verdict.error ?? 0, warning: verdict.warning ?? 0, info: verdict.info ?? 0 };
  }

  /**
   * A call of a page was forwarded to a place.
   * @param {number} tab
   * @param {string | undefined} document the page's document, if known
   * @param {string} place
   */
  forwarded(tab, document, place) {
    const tally = this.#tabs.get(tab);
    if (tally === undefined || (document !== undefined && this.#whose({ document, tab }) === undefined)) return;
    note(tally.places, place.slice(0, MAX_NAME), MAX_PLACES);
  }

  /**
   * The badge: the number of calls or, if there are findings, the number of these.
   * @param {number} tab
   * @param {boolean} paused
   * @param {import('./i18n.js').Say} say
   */
  badge(tab, paused, say) {
    const { calls, error, warning } = this.of(tab);
    if (paused) return { text: say('badgePaused'), color: '#5c5c5c', title: `${say('name')}: ${say('paused')}` };
    const n = error + warning || calls;
    return {
      text: n === 0 ? '' : n > 999 ? '999+' : String(n),
      color: error > 0 ? '#b3261e' : warning > 0 ? '#b26a00' : '#1c3a5e',
      title: `${say('name')}: ${counts(say, { calls, error, warning })}`,
    };
  }
}
