// @ts-check
// What pages hand on and may do because of calls: requests, and what was found
// in queues. The host decides what belongs to a call. Here is only bounded what it
// is given, from tabs in which calls were made and from workers of their sites.
// It is kept in memory alone, until the host has decided: of what belongs to no
// call nothing is ever written. Pure.

import { originOf } from './records.js';

/** @typedef {import('./recording.js').Connection} Connection */
/** @typedef {import('./records.js').PageRecord} PageRecord */

/**
 * A request as browsers tell of it, as far as it matters here.
 * @typedef {object} Details
 * @property {string} requestId
 * @property {string} url
 * @property {string} method
 * @property {string} type
 * @property {number} tabId -1 for none
 * @property {number} frameId
 * @property {number} timeStamp
 * @property {string} [documentId] not in Firefox of a worker's, nor of one that outlives its page
 * @property {string} [documentLifecycle] Chromium's
 * @property {string} [initiator] Chromium's: an origin
 * @property {string} [originUrl] Firefox's
 * @property {boolean} [incognito] Firefox's
 * @property {any} [requestBody]
 */

/** @typedef {Record<string, any> & {id: string, via: string, to: string}} Candidate see wire.schema.json */
/** @typedef {{candidate: Candidate, size: number, sent: boolean, tab: number, request?: string}} Open one that the host has not decided, the tab of the calls, and the browser's id of a request */
/** @typedef {{details: Details, size: number, failed?: number}} Early a request before any call, and when it came to nothing */

/**
 * @typedef {object} FollowingOptions
 * @property {(message: object) => boolean} send to the host; false when it is not there
 * @property {import('./recording.js').State} state
 * @property {import('./recording.js').Recording} recording
 * @property {() => void} keep keeps the state at once: a background that ends now would not know the tab
 * @property {() => number} now milliseconds
 * @property {(ms: number, then: () => void) => void} later
 * @property {() => string} unique
 * @property {string} own the address of the extension's own pages
 */

/** So long after a tab's last call something may be due to it: batches come late. */
const FOLLOWED = 120_000;
/** A request may overtake the call that it is due to. */
const EARLY = 5000;
const MAX_EARLY = 200;
const MAX_EARLY_SIZE = 16_777_216;
const MAX_OPEN = 5000;
const MAX_OPEN_SIZE = 67_108_864;
const MAX_TABS = 1000;
const MAX_SITES = 1000;
const MAX_TO = 65_536;
const MAX_BODY = 131_072;
const MAX_FIELDS = 1000;
const BATCH = 200;
const BATCH_SIZE = 1_000_000;
// See REST in delivery.js.
const REST = 25;
/** So soon a service worker passes on what a page requests. */
const PASSED_ON = 5000;
const MAX_PASSED_ON = 200;

/** Userlike's hosts: of the page on content security policy, and the product's newer name. */
const USERLIKE = /^userlike-cdn|^(?:[\w-]+\.)*(?:userlike|lime-connect)\.com$|^userlike-[\w-]+\.(?:s3[\w.-]*\.amazonaws\.com|b-cdn\.net)$/;
/** What the browser loads or says by itself, and what shows a page: of these only an address can say something. */
const STATIC = new Set(['stylesheet', 'font', 'media', 'object', 'speculative', 'web_manifest', 'xslt', 'xml_dtd']);
const NEVER = new Set(['csp_report', 'webbundle']);

/** @param {Uint8Array} bytes */
const base64 = (bytes) => {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
};

/** @param {any} body as the browser gives it */
const sizeOf = (body) => {
  let size = 0;
  for (const { bytes } of body?.raw ?? []) size += bytes?.byteLength ?? 0;
  return size;
};

/**
 * A form's fields, as many as there is room for.
 * @param {Record<string, (string | ArrayBuffer)[]>} fields
 */
const formOf = (fields) => {
  /** @type {Record<string, string[]>} */
  const form = Object.create(null); // a field may have any name
  let whole = 0;
  let kept = 0;
  let count = 0;
  for (const [name, values] of Object.entries(fields)) {
    for (const value of values) {
      const text = typeof value === 'string' ? value : new TextDecoder().decode(value);
      whole += name.length + text.length + 2; // an equals sign and an ampersand
      if (kept >= MAX_BODY || ++count > MAX_FIELDS) continue;
      const part = text.slice(0, MAX_BODY - kept).toWellFormed();
      kept += name.length + part.length + 2;
      (form[name.toWellFormed()] ??= []).push(part);
    }
  }
  return { body: { form }, ...kept < whole ? { size: whole } : {} };
};

/**
 * A request's body as the host takes it.
 * @param {any} body as the browser gives it
 * @returns {{body?: object, size?: number}}
 */
export const bodyOf = (body) => {
  if (!body) return {};
  if (body.formData) return formOf(body.formData);
  if (body.error) return { body: { unreadable: true } };
  /** @type {{bytes?: ArrayBuffer, file?: string}[]} */
  const raw = body.raw ?? [];
  if (raw.length === 0) return {};
  const size = sizeOf(body);
  if (size === 0) return raw.some(({ file }) => file !== undefined) ? { body: { unreadable: true } } : {};
  const bytes = new Uint8Array(Math.min(size, MAX_BODY));
  let at = 0;
  for (const { bytes: part } of raw) {
    if (part === undefined || at === bytes.length) continue;
    const head = new Uint8Array(part, 0, Math.min(part.byteLength, bytes.length - at));
    bytes.set(head, at);
    at += head.length;
  }
  return { body: { bytes: base64(bytes) }, ...size > bytes.length ? { size } : {} };
};

/** The site that a request is made for, '' where it is of none. @param {Details} details */
const siteOf = ({ initiator, originUrl = '' }) => {
  const site = initiator ?? originOf(originUrl);
  return site === 'null' ? '' : site;
};

/** What is said of the document that something is from. @param {Connection} relay */
const placed = ({ sender: { tab, frame }, document, top, url, page }) =>
  ({ tab, frame, document: document || undefined, url, top_url: top ? url : page.url, title: page.title });

/**
 * @template K, V
 * @param {Map<K, V>} map
 * @param {number} most
 */
const bound = (map, most) => {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
};

/** Where calls were made lately. */
export class Followed {
  /** When the last call was made in a tab. @type {Map<number, number>} */
  #tabs;
  /** The tab of the last call of a site's, and when that was. @type {Map<string, {tab: number, time: number}>} */
  #sites;

  /** @param {{tabs: [number, number][], sites: [string, {tab: number, time: number}][]}} [saved] what save() gave */
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
    this.#tabs.delete(tab); // the last are last
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
   * The tab whose calls what happens there may be due to, -1 for none.
   * @param {number} tab -1 for a worker of the site's
   * @param {string} site
   * @param {number} time milliseconds
   */
  tabOf(tab, site, time) {
    const last = tab >= 0 ? { tab, time: this.#tabs.get(tab) ?? -Infinity } : this.#sites.get(site);
    return last !== undefined && time <= last.time + FOLLOWED ? last.tab : -1;
  }
}

export class Following {
  /** Requests of tabs in which no call is known. @type {Set<Early>} */
  #early = new Set();
  #earlySize = 0;
  #clearing = false;
  /** What the host has not decided yet, by id. @type {Map<string, Open>} */
  #open = new Map();
  #openSize = 0;
  #dropped = 0;
  #resting = false;
  /** Requests of pages that a service worker may pass on. @type {Set<{place: string, form: boolean, body: string, time: number}>} */
  #passing = new Set();
  /** The last addresses of requests, which may be sent on, by the browser's id. @type {Map<string, string>} */
  #lately = new Map();
  #options;

  /** @param {FollowingOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** A call has been recorded. @param {PageRecord} record */
  called(record) {
    const { state: { followed }, now, keep } = this.#options;
    const isNew = record.tab !== undefined && followed.tabOf(record.tab, '', now()) < 0;
    followed.called(record, now());
    if (isNew) keep();
    this.#forgetEarly();
    for (const early of this.#early) {
      if (this.#tabOf(early.details) < 0) continue;
      this.#leave(early);
      this.#take(early.details);
      if (early.failed !== undefined) this.failed({ requestId: early.details.requestId, timeStamp: early.failed });
    }
  }

  /** The browser is about to make a request. @param {Details} details */
  request(details) {
    if (!this.#concerns(details)) return;
    if (this.#tabOf(details) >= 0) {
      this.#take(details);
      return;
    }
    const early = { details, size: sizeOf(details.requestBody) };
    this.#early.add(early);
    this.#earlySize += early.size;
    for (const oldest of this.#early) {
      if (this.#early.size <= MAX_EARLY && this.#earlySize <= MAX_EARLY_SIZE) break;
      this.#leave(oldest);
    }
    if (this.#clearing) return;
    this.#clearing = true;
    this.#clearSoon();
  }

  /**
   * A relay tells of what it found in queues.
   * @param {Connection} relay
   * @param {QueuedMessage} message
   */
  queued(relay, { queued, dropped }) {
    const { state: { watching, followed }, recording, unique } = this.#options;
    const { tab } = relay.sender;
    const where = recording.where(relay);
    if (!watching.follow || tab === undefined || watching.of(where).excluded) return;
    this.#dropped += dropped;
    for (const { to, time, data, notes } of queued) {
      if (watching.paused(where, Date.parse(time)) || followed.tabOf(tab, '', Date.parse(time)) < 0) continue;
      this.#add({ id: unique(), time, via: 'queue', to, ...placed(relay), data, notes }, JSON.stringify(data).length, tab);
    }
    this.#pump();
  }

  /** The host is there and ready: it may be another one than the one before. */
  connected() {
    for (const open of this.#open.values()) open.sent = false;
    this.#pump();
  }

  /** @param {{id: string, to?: string, system?: string}[]} settled */
  settled(settled) {
    for (const { id, to, system } of settled) {
      const open = this.#open.get(id);
      if (open === undefined) continue;
      this.#open.delete(id);
      this.#openSize -= open.size;
      if (to !== undefined) this.#options.state.tally.forwarded(open.tab, open.candidate.document, system || placeName(to));
    }
  }

  /** Gives the host at once what it has not been given. */
  flush() {
    this.#send();
  }

  /** Whether a request could be a hit at all. @param {Details} details */
  #concerns({ url, method, type, initiator, originUrl, documentLifecycle }) {
    if (!this.#options.state.watching.follow || NEVER.has(type) || method === 'OPTIONS' || documentLifecycle === 'prerender') return false;
    if (`${initiator ?? originUrl ?? ''}/`.startsWith(this.#options.own)) return false;
    if (STATIC.has(type) && !url.includes('?')) return false;
    const host = /^(?:https?|wss?):\/\/(?:[^/?#@]*@)?([^/?#:]+|\[[^\]]*\])/.exec(url)?.[1];
    return host !== undefined && !USERLIKE.test(host);
  }

  /** The tab whose calls a request may be due to, -1 for none. @param {Details} details */
  #tabOf(details) {
    return this.#options.state.followed.tabOf(details.tabId, siteOf(details), details.timeStamp);
  }

  /** @param {Details} details */
  #take(details) {
    const { state: { watching }, recording, unique } = this.#options;
    const { documentId = '', tabId, frameId, timeStamp, requestId, method, type, requestBody } = details;
    const tab = this.#tabOf(details);
    const relay = recording.whose(documentId);
    const site = siteOf(details);
    const where = relay === undefined ? recording.whereIn(tab) : recording.where(relay);
    const all = site === '' ? where : { ...where, others: [...where.others, `${site}/`] };
    if (watching.of(all).excluded || watching.paused(all, timeStamp)) return;
    const to = details.url.replace(/#.*$/s, '').slice(0, MAX_TO);
    // A browser that goes to https by itself tells of the request again.
    const bare = to.replace(/^(http|ws)s?:/, '');
    if (this.#lately.get(requestId) === bare) return;
    this.#lately.set(requestId, bare);
    bound(this.#lately, MAX_EARLY);
    const { body, size } = bodyOf(requestBody);
    if (this.#isPassedOn(details, to, body)) return;
    this.#add({
      id: unique(), time: new Date(timeStamp).toISOString(), via: 'request', to,
      ...tabId >= 0 ? { tab: tabId, frame: frameId >= 0 ? frameId : undefined } : {},
      ...relay === undefined ? {} : placed(relay),
      ...site === '' ? {} : { site },
      method, type, body, size,
    }, JSON.stringify(body ?? '').length + to.length, tab, requestId);
    this.#pump();
  }

  /**
   * A request has come to nothing: what is sent again because of that is no second
   * one.
   * @param {{requestId: string, timeStamp: number}} details
   */
  failed({ requestId, timeStamp }) {
    // Of one that was sent on, the last part.
    const early = last(this.#early, ({ details }) => details.requestId === requestId);
    if (early !== undefined) early.failed = timeStamp;
    const open = last(this.#open.values(), ({ request }) => request === requestId);
    if (open === undefined) return;
    open.candidate.failed = new Date(timeStamp).toISOString();
    open.sent = false;
    this.#pump();
  }

  /** The browser has an answer to a request. @param {{requestId: string, timeStamp: number, statusCode: number}} details */
  answered(details) {
    if (details.statusCode >= 500 || details.statusCode === 429) this.failed(details);
  }

  /**
   * Whether a service worker only passes on what a page has requested: Firefox
   * tells of both requests, Chromium of the worker's alone.
   * @param {Details} details
   * @param {string} to
   * @param {object | undefined} content of the body
   */
  #isPassedOn({ initiator, tabId, timeStamp, method }, to, content) {
    if (initiator !== undefined) return false; // it is Chromium
    for (const passing of this.#passing) {
      if (this.#passing.size > MAX_PASSED_ON || passing.time < timeStamp - PASSED_ON) this.#passing.delete(passing);
    }
    const place = `${method} ${to}`;
    const json = JSON.stringify(content ?? '');
    const body = `${json.length} ${json.slice(0, 2000)}`;
    const form = content !== undefined && 'form' in content;
    if (tabId >= 0) {
      this.#passing.add({ place, form, body, time: timeStamp });
      return false;
    }
    // What was a form in the page is bytes in the worker.
    const page = [...this.#passing].find((passing) => passing.place === place && (passing.body === body || passing.form !== form));
    return page !== undefined && this.#passing.delete(page);
  }

  /** @param {Candidate} candidate @param {number} size @param {number} tab @param {string} [request] */
  #add(candidate, size, tab, request) {
    if (this.#open.size >= MAX_OPEN || this.#openSize + size > MAX_OPEN_SIZE) {
      this.#dropped++;
      return;
    }
    this.#open.set(candidate.id, { candidate, size, sent: false, tab, request });
    this.#openSize += size;
  }

  /** What comes within the next moment goes in one message. */
  #pump() {
    if (this.#resting) return;
    this.#resting = true;
    this.#options.later(REST, () => {
      this.#resting = false;
      this.#send();
    });
  }

  #send() {
    /** @type {Open[]} */
    let batch = [];
    let size = 0;
    const flush = () => {
      if (batch.length === 0 && this.#dropped === 0) return true;
      const dropped = this.#dropped > 0 ? { dropped: this.#dropped } : {};
      if (!this.#options.send({ type: 'candidates', candidates: batch.map(({ candidate }) => candidate), ...dropped })) return false;
      this.#dropped = 0;
      for (const open of batch) open.sent = true;
      batch = [];
      size = 0;
      return true;
    };
    for (const open of this.#open.values()) {
      if (open.sent) continue;
      if (batch.length === BATCH || (batch.length > 0 && size + open.size > BATCH_SIZE)) {
        if (!flush()) return;
      }
      batch.push(open);
      size += open.size;
    }
    flush();
  }

  /** @param {Early} early */
  #leave(early) {
    if (this.#early.delete(early)) this.#earlySize -= early.size;
  }

  #forgetEarly() {
    const before = this.#options.now() - EARLY;
    for (const early of this.#early) {
      if (early.details.timeStamp >= before) break;
      this.#leave(early);
    }
  }

  #clearSoon() {
    this.#options.later(EARLY, () => {
      this.#forgetEarly();
      this.#clearing = this.#early.size > 0;
      if (this.#clearing) this.#clearSoon();
    });
  }
}

/**
 * The last that is meant, without a copy of all: an ad blocker has many requests fail.
 * @template T
 * @param {Iterable<T>} all
 * @param {(one: T) => boolean} meant
 */
const last = (all, meant) => {
  /** @type {T | undefined} */
  let found;
  for (const one of all) if (meant(one)) found = one;
  return found;
};

/** A place in a word or two: a queue's name, or a host. @param {string} to */
const placeName = (to) => /^[a-z]+:\/\/([^/?#]+)/.exec(to)?.[1] ?? to;
