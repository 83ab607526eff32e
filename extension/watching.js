// @ts-check
// Whether a document may be recorded: by the options, and by what the tester has
// paused until the browser ends. Pure.

import { siteOf } from './records.js';
import { LIMIT_NAMES, matches, readSettings } from './settings.js';

/**
 * Where something happens.
 * @typedef {object} Where
 * @property {number | undefined} tab
 * @property {string} top the address of the page, which its frames go with
 * @property {string[]} others addresses that count as well where something is not
 *   to be recorded: a frame's own
 * @property {boolean} incognito
 */

/**
 * @typedef {object} Watch
 * @property {'' | 'site-excluded' | 'private-excluded'} excluded why nothing may be recorded; a glossary's state
 * @property {'' | 'tab' | 'site'} paused what the tester has paused
 */

/**
 * @typedef {object} Pause
 * @property {number | string} what a tab, or a site as siteOf has it
 * @property {number} since milliseconds
 * @property {number | null} until null while it lasts
 */

/** So many pauses that are over are remembered. */
const REMEMBERED = 200;

/**
 * The address that counts for a document. One that has none of its own
 * (about:blank, blob:) is of whoever opened it.
 * @param {string} url
 * @param {string} origin
 * @param {string} opener the address of who opened it, '' where nobody is known
 */
export const placeOf = (url, origin, opener) => {
  if (/^(https?|file):/.test(url)) return url;
  if (opener !== '' && (siteOf(origin) === '' || siteOf(opener) === siteOf(origin))) return opener;
  const site = siteOf(origin) || siteOf(url); // a blob's address has its site's in it
  return site === '' ? url : `${site}/`;
};

export class Watching {
  /** @type {Pause[]} */
  #pauses;
  #read = readSettings(undefined, undefined);

  /** @param {Pause[]} [saved] what save() gave */
  constructor(saved = []) {
    this.#pauses = [...saved];
  }

  save() {
    return this.#pauses;
  }

  /** @param {{own: any, managed: any}} stored */
  apply({ own, managed }) {
    this.#read = readSettings(own, managed);
  }

  /** Whether the options let everything be recorded. */
  get open() {
    const { allow, block, private: inPrivate } = this.#read.settings;
    return allow.length + block.length === 0 && inPrivate;
  }

  /** Whether everything is recorded. */
  get free() {
    return this.open && !this.#pauses.some(({ until }) => until === null);
  }

  /** Whether it is looked at where calls go. */
  get follow() {
    return this.#read.settings.follow;
  }

  /** The places that calls are traced to. */
  get trace() {
    return this.#read.settings.trace;
  }

  /** The limits of a snapshot as hook.js takes them. */
  get limits() {
    return LIMIT_NAMES.map((name) => this.#read.settings.limits[name]).join(' ');
  }

  /** @param {Where} where @returns {Watch} */
  of(where) {
    const { top, others, incognito } = where;
    const { allow, block, private: inPrivate } = this.#read.settings;
    const lasting = this.#of(where).filter(({ until }) => until === null);
    const paused = lasting.some(({ what }) => typeof what === 'number') ? 'tab' : lasting.length > 0 ? 'site' : '';
    if (incognito && !inPrivate) return { excluded: 'private-excluded', paused };
    const blocked = block.some((pattern) => [top, ...others].some((address) => matches(pattern, address)));
    if (blocked || (allow.length > 0 && !allow.some((pattern) => matches(pattern, top)))) return { excluded: 'site-excluded', paused };
    return { excluded: '', paused };
  }

  /** The pauses that concern a place. @param {Where} where */
  #of({ tab, top, others }) {
    const sites = [top, ...others].map(siteOf);
    return this.#pauses.filter(({ what }) => what === tab || sites.includes(String(what)));
  }

  /** When the pause began that lasts there, 0 where none does. @param {Where} where */
  since(where) {
    const lasting = this.#of(where).filter(({ until }) => until === null).map(({ since }) => since);
    return lasting.length === 0 ? 0 : Math.min(...lasting);
  }

  /** Whether it was paused there then. @param {Where} where @param {number} time milliseconds */
  paused(where, time) {
    return this.#of(where).some(({ since, until }) => time >= since && (until === null || time <= until));
  }

  /**
   * Pauses a tab or a site, or resumes it.
   * @param {number | string} what a tab, or a site as siteOf has it
   * @param {boolean} on
   * @param {number} now milliseconds
   */
  pause(what, on, now) {
    const lasting = this.#pauses.find((pause) => pause.what === what && pause.until === null);
    if (on === (lasting !== undefined)) return;
    if (lasting) lasting.until = now;
    else this.#pauses.push({ what, since: now, until: null });
    const over = this.#pauses.filter(({ until }) => until !== null);
    for (const pause of over.slice(0, -REMEMBERED)) this.#pauses.splice(this.#pauses.indexOf(pause), 1);
  }
}
