// @ts-check
// Remembers in which tabs, and on which sites, calls were made lately: what these request
// may be a hit. Pure.

import { originOf } from './records.js';

/** @typedef {import('./recording.js').PageRecord} PageRecord */

/** How long after a tab's last call hits are looked for, in milliseconds: some systems send in batches. */
const FOLLOWED = 120_000;
export const MAX_TABS = 1000;
const MAX_SITES = 2000; // a site has two or three

/**
 * Removes the oldest entries of a map.
 * @template K, V
 * @param {Map<K, V>} map
 * @param {number} most
 */
export const bound = (map, most) => {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
};

/**
 * Under which key a site's last call is found.
 * @param {string} site
 * @param {boolean | undefined} incognito whether in private windows alone or in others alone; undefined for either
 */
const keyOf = (site, incognito) => (incognito === undefined ? site : `${site} ${incognito}`);

/** Knows in which tabs and sites calls were made lately. */
export class Followed {
  /** When the last call was made in a tab. @type {Map<number, number>} */
  #tabs;
  /** The tab of a site's last call, and when that was, by keyOf. @type {Map<string, {tab: number, time: number}>} */
  #sites;

  /** @param {{tabs: [number, number][], sites: [string, {tab: number, time: number}][]}} [saved] what save() returned */
  constructor({ tabs, sites } = { tabs: [], sites: [] }) {
    this.#tabs = new Map(tabs);
    this.#sites = new Map(sites);
  }

  save() {
    return { tabs: [...this.#tabs], sites: [...this.#sites] };
  }

  /**
   * @param {PageRecord} record a call's
   * @param {number} time milliseconds
   * @param {boolean} incognito whether it was made in a private window
   */
  called({ tab, url = '', top_url = '' }, time, incognito) {
    if (tab === undefined) return;
    this.#tabs.delete(tab); // delete first, so that the newest is last
    this.#tabs.set(tab, time);
    bound(this.#tabs, MAX_TABS);
    for (const site of [originOf(url), originOf(top_url)]) {
      if (site === 'null') continue;
      for (const key of [keyOf(site, undefined), keyOf(site, incognito)]) {
        this.#sites.delete(key);
        this.#sites.set(key, { tab, time });
      }
    }
    bound(this.#sites, MAX_SITES);
  }

  /**
   * The tab whose calls may have caused something, -1 for none.
   * @param {number} tab -1 for a worker of the site
   * @param {string} site
   * @param {number} time milliseconds
   * @param {boolean} [incognito] whether it happened in a private window, if that is known
   */
  tabOf(tab, site, time, incognito) {
    const last = tab >= 0 ? { tab, time: this.#tabs.get(tab) ?? -Infinity } : this.#sites.get(keyOf(site, incognito));
    return last !== undefined && time <= last.time + FOLLOWED ? last.tab : -1;
  }
}
