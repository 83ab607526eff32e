// @ts-check
// What the badge and the popup say of each tab. Pure.

import { number } from './i18n.js';
import { WHY } from './records.js';

/**
 * What a tab's page has said since it was opened.
 * @typedef {object} TabTally
 * @property {string} page its top document, '' when that has not spoken
 * @property {boolean} left it is not what the tab shows any more
 * @property {number} calls
 * @property {number} error findings
 * @property {number} warning
 * @property {number} info
 * @property {string[]} documents whose relay has spoken, as many as matter
 * @property {string[]} hooked those of them whose page-world script has spoken
 * @property {number} lost calls, without those that the tester did not want
 * @property {string[]} places where its calls went
 * @property {RecentCall[]} recent the last calls, newest first
 */

/**
 * @typedef {object} RecentCall
 * @property {string} id
 * @property {string} name the event's, cut
 * @property {string} time ISO
 * @property {boolean} simulated a tester caused it
 * @property {{error: number, warning: number, info: number} | null} verdict null until the host has judged it
 */

const RECENT = 6;
const MAX_NAME = 60;
const MAX_PLACES = 20;
/** So many documents of a page are told apart. */
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

/** @param {string[]} list @param {string} document */
const note = (list, document, most = DOCUMENTS) => {
  if (!list.includes(document) && list.length < most) list.push(document);
};

export class Tally {
  /** @type {Map<number, TabTally>} */
  #tabs;

  /** @param {[number, TabTally][]} [saved] what save() gave */
  constructor(saved = []) {
    this.#tabs = new Map(saved);
  }

  save() {
    return [...this.#tabs];
  }

  /** Of the page that a tab shows. @param {number} tab */
  of(tab) {
    const tally = this.#tabs.get(tab);
    return tally === undefined || tally.left ? nothing() : tally;
  }

  /** A page has been left: what the tab shows now may be none that speaks. @param {number | undefined} tab @param {string} page */
  left(tab, page) {
    const tally = tab === undefined ? undefined : this.#tabs.get(tab);
    if (tally?.page === page) tally.left = true;
  }

  /** @param {number} tab */
  forget(tab) {
    this.#tabs.delete(tab);
  }

  /**
   * A document is there: for the first time, or again, from the back/forward
   * cache or because the background was away.
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
   * That of the page that a record is of, if its tab still shows it.
   * @param {{document: string, tab: number}} record
   */
  #whose({ document, tab }) {
    const tally = this.#tabs.get(tab);
    return tally?.documents.includes(document) || tally?.documents.length === DOCUMENTS ? tally : undefined;
  }

  /**
   * Counts a record of a page. Its end counts for nothing: it may come when the
   * tab has been forgotten.
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
   * Something of a page's calls has gone somewhere.
   * @param {number} tab
   * @param {string | undefined} document of the page, where that is known
   * @param {string} place
   */
  forwarded(tab, document, place) {
    const tally = this.#tabs.get(tab);
    if (tally === undefined || (document !== undefined && this.#whose({ document, tab }) === undefined)) return;
    note(tally.places, place.slice(0, MAX_NAME), MAX_PLACES);
  }

  /**
   * The badge: how many calls, or once there are findings, how many of those.
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
