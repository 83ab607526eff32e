// @ts-check
// Remembers in which tabs, and on which sites, calls were made lately: what these request
// may be a hit. Pure.

import { originOf } from './records.js';

/** @typedef {import('./recording.js').PageRecord} PageRecord */

/** How long after a tab's last call hits are looked for, in milliseconds: some systems send in batches. */
const FOLLOWED = 120_000;
export const MAX_TABS = 1000;
const MAX_SITES = 1000;

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

/** Knows in which tabs and sites calls were made lately. */
export class Followed {
  /** When the last call was made in a tab. @type {Map<number, number>} */
  #tabs;
  /** The tab of a site's last call, and when that was. @type {Map<string, {tab: number, time: number}>} */
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
   */
  called({ tab, url = '', top_url = '' }, time) {
    if (tab === undefined) return;
    this.#tabs.delete(tab); // delete first, so that the newest is last
    this.#tabs.set(tab, time);
    bound(this.#tabs, MAX_TABS);
    for (const site of [originOf(url), originOf(top_url)]) {
      if (site === 'null') continue;
      this.#sites.delete(site);
      this.#sites.set(site, { tab, time });
    }
    bound(this.#sites, MAX_SITES);
  }

  /**
   * The tab whose calls may have caused something, -1 for none.
   * @param {number} tab -1 for a worker of the site
   * @param {string} site
   * @param {number} time milliseconds
   */
  tabOf(tab, site, time) {
    const last = tab >= 0 ? { tab, time: this.#tabs.get(tab) ?? -Infinity } : this.#sites.get(site);
    return last !== undefined && time <= last.time + FOLLOWED ? last.tab : -1;
  }
}
