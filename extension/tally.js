// @ts-check
// What the badge and the popup say of each tab. Pure.

import { number } from './i18n.js';

/**
 * @typedef {object} TabTally since the tab's top document was opened
 * @property {number} calls
 * @property {number} error findings
 * @property {number} warning
 * @property {number} info
 * @property {number} documents whose relay has spoken
 * @property {number} hooked documents whose page-world script has spoken
 * @property {string} handler the last word on the site's function, '' when there is none yet
 * @property {boolean} client the Userlike client was seen
 * @property {number} lost calls
 * @property {RecentCall[]} recent the last calls, newest first
 */

/**
 * @typedef {object} RecentCall
 * @property {string} id
 * @property {string} name the event's, cut
 * @property {string} time ISO
 * @property {{error: number, warning: number, info: number} | null} verdict null until the host has judged it
 */

const RECENT = 6;
const MAX_NAME = 60;

/**
 * "3 calls, 1 error, 2 warnings"
 * @param {import('./i18n.js').Say} say
 * @param {{calls: number, error: number, warning: number}} tally
 */
export const counts = (say, { calls, error, warning }) =>
  [number(say, 'calls', calls), number(say, 'errors', error), number(say, 'warnings', warning)].join(', ');

/** @returns {TabTally} */
const nothing = () => ({
  calls: 0, error: 0, warning: 0, info: 0, documents: 0, hooked: 0, handler: '', client: false, lost: 0, recent: [],
});

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

  /** @param {number} tab */
  of(tab) {
    return this.#tabs.get(tab) ?? nothing();
  }

  /** @param {number} tab */
  forget(tab) {
    this.#tabs.delete(tab);
  }

  /**
   * Counts a record of a page. Its end counts for nothing: it may come when the
   * tab has been forgotten.
   * @param {any} record
   */
  seen(record) {
    if (typeof record.tab !== 'number' || record.event === 'closed') return;
    const opened = record.kind === 'page' && record.event === 'opened';
    const tally = opened && record.frame === 0 ? nothing() : this.of(record.tab);
    this.#tabs.set(record.tab, tally);
    switch (record.kind) {
      case 'page':
        if (opened) tally.documents++;
        if (record.event === 'hooked') tally.hooked++;
        break;
      case 'call': {
        tally.calls++;
        const name = String(record.args?.[0] ?? '').slice(0, MAX_NAME);
        tally.recent = [{ id: record.id, name, time: record.time, verdict: null }, ...tally.recent].slice(0, RECENT);
        break;
      }
      case 'handler':
        tally.handler = record.state;
        break;
      case 'client':
        tally.client = true;
        break;
      case 'gap':
        tally.lost += record.lost;
        break;
    }
  }

  /**
   * Counts the host's verdict on a record.
   * @param {any} record
   * @param {{error?: number, warning?: number, info?: number}} verdict
   */
  judged(record, verdict) {
    const tally = this.#tabs.get(record.tab);
    if (tally === undefined) return;
    tally.error += verdict.error ?? 0;
    tally.warning += verdict.warning ?? 0;
    tally.info += verdict.info ?? 0;
    const call = tally.recent.find((c) => c.id === record.id);
    if (call) call.verdict = { error: verdict.error ?? 0, warning: verdict.warning ?? 0, info: verdict.info ?? 0 };
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
