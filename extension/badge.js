// @ts-check
// The badge of each tab, brought up to date at most ten times a second.

import { say } from './i18n.js';

/**
 * @typedef {object} BadgeOptions
 * @property {(ms: number, then: () => void) => void} later
 * @property {(tab: number, say: import('./i18n.js').Say) => {text: string, color: string, title: string}} text
 * @property {() => void} shown all badges are up to date
 */

export class Badge {
  /** Tabs whose badge is not up to date. @type {Set<number>} */
  #stale = new Set();
  #options;

  /** @param {BadgeOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @param {number | undefined} tab */
  changed(tab) {
    if (tab === undefined) return;
    if (this.#stale.size === 0) this.#options.later(100, () => this.#show());
    this.#stale.add(tab);
  }

  #show() {
    const tabs = [...this.#stale];
    this.#stale.clear(); // before what follows: if that fails, the next change tries again
    for (const tabId of tabs) {
      const { text, color, title } = this.#options.text(tabId, say);
      const gone = () => undefined; // the tab was closed meanwhile
      chrome.action.setBadgeText({ tabId, text }).catch(gone);
      chrome.action.setBadgeBackgroundColor({ tabId, color }).catch(gone);
      chrome.action.setTitle({ tabId, title }).catch(gone);
    }
    this.#options.shown();
  }
}
