// @ts-check
// Decides whether a document may be recorded: by the options, and by what the tester has
// paused. Pauses last at most until the browser ends. Pure.

import { siteOf } from './records.js';
import { LIMIT_NAMES, matches, readSettings } from './settings.js';

/**
 * Where something happens.
 * @typedef {object} Where
 * @property {number | undefined} tab
 * @property {string} top the address of the page; frames are treated like their page
 * @property {string[]} others further addresses, such as a frame's own: if one of them must not
 *   be recorded, nothing is
 * @property {boolean} incognito
 */

/**
 * @typedef {object} Restriction
 * @property {'' | 'site-excluded' | 'private-excluded'} excluded why nothing may be recorded, as a state of the glossary
 * @property {'' | 'tab' | 'site'} paused what the tester has paused
 */

/**
 * @typedef {object} Pause
 * @property {number | string} what a tab, or a site as siteOf returns it
 * @property {number} since milliseconds
 * @property {number | null} until null while it lasts
 */

/** How many pauses that have ended are remembered. */
const REMEMBERED = 200;

/**
 * The address by which it is decided whether a document may be recorded. A document
 * without an address of its own (about:blank, blob:) has that of the page that opened it.
 * @param {string} url
 * @param {string} origin
 * @param {string} opener the address of the page that opened it, '' if not known
 */
export const placeOf = (url, origin, opener) => {
  if (/^(https?|file):/.test(url)) return url;
  if (opener !== '' && (siteOf(origin) === '' || siteOf(opener) === siteOf(origin))) return opener;
  const site = siteOf(origin) || siteOf(url); // the address of a blob contains that of its site
  return site === '' ? url : `${site}/`;
};

export class Scope {
  /** @type {Pause[]} */
  #pauses;
  #read = readSettings(undefined, undefined);

  /** @param {Pause[]} [saved] what save() returned */
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

  /** Whether the options exclude nothing. */
  get open() {
    const { allow, block, private: inPrivate } = this.#read.settings;
    return allow.length + block.length === 0 && inPrivate;
  }

  /** Whether everything is recorded: nothing is excluded or paused. */
  get free() {
    return this.open && !this.#pauses.some(({ until }) => until === null);
  }

  /** Whether hits are looked for. */
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

  /** @param {Where} where @returns {Restriction} */
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

  /** When the present pause of a place began, 0 for none. @param {Where} where */
  since(where) {
    const lasting = this.#of(where).filter(({ until }) => until === null).map(({ since }) => since);
    return lasting.length === 0 ? 0 : Math.min(...lasting);
  }

  /** Whether a place was paused at a time. @param {Where} where @param {number} time milliseconds */
  paused(where, time) {
    return this.#of(where).some(({ since, until }) => time >= since && (until === null || time <= until));
  }

  /**
   * Pauses or resumes a tab or a site.
   * @param {number | string} what a tab, or a site as siteOf returns it
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
