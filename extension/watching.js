// @ts-check
// Whether a document may be recorded: by the options, and by what the tester has
// paused until the browser ends. Pure.

import { LIMIT_NAMES, matches, readSettings } from './settings.js';

/**
 * @typedef {object} Where
 * @property {number | undefined} tab
 * @property {string} address of the tab's top document; its frames go with it
 * @property {boolean} incognito
 */

/**
 * @typedef {object} Watch
 * @property {'' | 'site-excluded' | 'private-excluded'} excluded why nothing may be recorded; a glossary's state
 * @property {'' | 'tab' | 'site'} paused what the tester has paused
 */

/** @param {string} address @returns {string} '' where there is none */
export const siteOf = (address) => {
  try {
    const { origin, protocol } = new URL(address);
    return protocol === 'file:' ? 'file://' : /^https?:/.test(origin) ? origin : '';
  } catch {
    return '';
  }
};

export class Watching {
  /** @type {Set<number>} */
  #tabs;
  /** @type {Set<string>} */
  #sites;
  #read = readSettings(undefined, undefined);

  /** @param {{tabs: number[], sites: string[]}} [saved] what save() gave */
  constructor({ tabs, sites } = { tabs: [], sites: [] }) {
    this.#tabs = new Set(tabs);
    this.#sites = new Set(sites);
  }

  save() {
    return { tabs: [...this.#tabs], sites: [...this.#sites] };
  }

  /** @param {{own: any, managed: any}} stored */
  apply({ own, managed }) {
    this.#read = readSettings(own, managed);
  }

  /** Whether everything is recorded. */
  get free() {
    const { allow, block, private: inPrivate } = this.#read.settings;
    return allow.length + block.length + this.#tabs.size + this.#sites.size === 0 && inPrivate;
  }

  /** The limits of a snapshot as hook.js takes them. */
  get limits() {
    return LIMIT_NAMES.map((name) => this.#read.settings.limits[name]).join(' ');
  }

  /** @param {Where} where @returns {Watch} */
  of({ tab, address, incognito }) {
    const { allow, block, private: inPrivate } = this.#read.settings;
    const paused = tab !== undefined && this.#tabs.has(tab) ? 'tab' : this.#sites.has(siteOf(address)) ? 'site' : '';
    if (incognito && !inPrivate) return { excluded: 'private-excluded', paused };
    /** @param {string} pattern */
    const here = (pattern) => matches(pattern, address);
    if (block.some(here) || (allow.length > 0 && !allow.some(here))) return { excluded: 'site-excluded', paused };
    return { excluded: '', paused };
  }

  /**
   * Pauses a tab or a site, or resumes it.
   * @param {number | string} what a tab, or a site as siteOf has it
   * @param {boolean} on
   */
  pause(what, on) {
    /** @type {Set<number | string>} */
    const set = typeof what === 'number' ? this.#tabs : this.#sites;
    if (on) set.add(what);
    else set.delete(what);
  }
}

export const PAUSED = 'paused by the tester';

/**
 * The gap in place of calls that a page could not count itself.
 * @param {any} of any record of the document's
 * @param {string} id
 * @param {number} seq
 * @param {number} lost
 */
export const pausedGap = ({ tab, frame, document, url, top_url }, id, seq, lost) => ({
  v: 1, kind: 'gap', id, seq, time: new Date().toISOString(), tab, frame, document,
  url: siteOf(url ?? ''), top_url: siteOf(top_url ?? ''), lost, why: PAUSED,
});
