// @ts-check
// Limits how much is kept of one page and of one site in a day, because a page can make
// records faster than a disk can store them. Real pages stay far below these limits. Pure.

import { WHY } from './records.js';

const DAY = 86_400_000;
const PAGE = { records: 100_000, size: 67_108_864 };
const SITE = { records: 1_000_000, size: 536_870_912 };
/** How many pages and sites are counted. When there are more, those that were last used longest ago are forgotten. */
const CAPACITY = 2000;

/** @typedef {{records: number, size: number}} Used */

export class Quota {
  #day = 0;
  /** By a page's document and by site. @type {Map<string, Used>} */
  #used = new Map();
  #limits;

  /**
   * @param {{day: number, used: [string, Used][]}} [saved] what save() returned
   * @param {{page: Used, site: Used}} [limits]
   */
  constructor(saved, limits = { page: PAGE, site: SITE }) {
    this.#limits = limits;
    if (!saved) return;
    this.#day = saved.day;
    this.#used = new Map(saved.used);
  }

  save() {
    return { day: this.#day, used: [...this.#used] };
  }

  /**
   * Counts a record, if there is room for it.
   * @param {string} document
   * @param {string} site '' where there is none
   * @param {number} size UTF-16 units
   * @param {number} now milliseconds
   * @returns {string} why there is no room, '' if there is
   */
  take(document, site, size, now) {
    const why = this.full(document, site, now, size);
    if (why !== '') return why;
    for (const name of site === '' ? [document] : [document, site]) {
      const used = this.#used.get(name) ?? { records: 0, size: 0 };
      this.#used.delete(name); // delete first, so that the one used last is at the end
      this.#used.set(name, { records: used.records + 1, size: used.size + size });
    }
    if (this.#used.size > CAPACITY) this.#used.delete(this.#used.keys().next().value ?? '');
    return '';
  }

  /**
   * Why there is no room for a record of this size, '' if there is.
   * @param {string} document
   * @param {string} site
   * @param {number} now milliseconds
   * @param {number} [size]
   */
  full(document, site, now, size = 0) {
    const day = Math.floor(now / DAY);
    if (day !== this.#day) {
      this.#day = day;
      this.#used.clear();
    }
    /** @param {string} name @param {Used} limit */
    const over = (name, limit) => {
      const used = this.#used.get(name);
      return used !== undefined && (used.records >= limit.records || used.size + size > limit.size);
    };
    if (over(document, this.#limits.page)) return WHY.pageFull;
    return site !== '' && over(site, this.#limits.site) ? WHY.siteFull : '';
  }
}
