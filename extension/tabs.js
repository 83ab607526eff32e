// @ts-check
// Remembers what each tab shows, and which page opened it. Frames need the address and
// title of their top document, and a page without an address of its own (about:blank)
// counts as part of the page that opened it. Pure.

/** @typedef {{url: string, title: string}} Top */

export class Tabs {
  /** @type {Map<number, Top>} */
  #tops;
  /** For each tab, the address of the page that opened it, at that time. @type {Map<number, string>} */
  #openers;

  /** @param {{tops: [number, Top][], openers: [number, string][]}} [saved] what save() returned */
  constructor({ tops, openers } = { tops: [], openers: [] }) {
    this.#tops = new Map(tops);
    this.#openers = new Map(openers);
  }

  save() {
    return { tops: [...this.#tops], openers: [...this.#openers] };
  }

  /** @param {number | undefined} tab @returns {Top} */
  top(tab) {
    return (tab === undefined ? undefined : this.#tops.get(tab)) ?? { url: '', title: '' };
  }

  /** The address of the page that opened the tab, '' if not known. @param {number | undefined} tab */
  opener(tab) {
    return (tab === undefined ? undefined : this.#openers.get(tab)) ?? '';
  }

  /**
   * @param {number} tab
   * @param {{url?: string | undefined, title?: string | undefined}} top as far as it is known
   */
  shows(tab, { url, title }) {
    const before = this.top(tab);
    this.#tops.set(tab, { url: url ?? before.url, title: title ?? before.title });
  }

  /** A tab was opened by another one. If that one has no address, the one that opened it counts. @param {number} tab @param {number} by */
  opened(tab, by) {
    const { url } = this.top(by);
    const address = /^(https?|file):/.test(url) ? url : this.opener(by);
    if (address !== '') this.#openers.set(tab, address);
  }

  /** @param {number} tab */
  removed(tab) {
    this.#tops.delete(tab);
    this.#openers.delete(tab);
  }
}
