// @ts-check
// Collects possible hits: requests of pages, and what was found in their queues. The
// host decides which of them belong to a call. This file limits what the host gets: only
// from tabs in which calls were made, and from workers of their sites. Possible hits are
// kept in memory only, until the host has decided; what belongs to no call is never
// written anywhere. While there is no host, the browser may stop the background, and they
// are gone: so it is remembered how many there were, and since when. Pure.

import { bodyOf, bytesOf, sizeOf } from './body.js';
import { REST } from './delivery.js';
import { bound, MAX_TABS } from './followed.js';
import { originOf } from './records.js';

/** @typedef {import('./recording.js').Connection} Connection */
/** @typedef {import('./records.js').PageRecord} PageRecord */

/**
 * A request as browsers report it, as far as it matters here.
 * @typedef {object} Details
 * @property {string} requestId
 * @property {string} url
 * @property {string} method
 * @property {string} type
 * @property {number} tabId -1 for none
 * @property {number} frameId
 * @property {number} timeStamp
 * @property {string} [documentId] absent in Firefox for requests of workers and for those that outlive their page
 * @property {string} [documentLifecycle] Chromium's
 * @property {string} [initiator] Chromium's: an origin
 * @property {string} [originUrl] Firefox's
 * @property {boolean} [incognito] Firefox's
 * @property {any} [requestBody]
 */

/** @typedef {Record<string, any> & {id: string, via: string, to: string}} Candidate see wire.schema.json */
/**
 * A candidate on which the host has not decided.
 * @typedef {object} Open
 * @property {Candidate} candidate
 * @property {number} size bytes
 * @property {boolean} sent
 * @property {number} tab that of the calls
 * @property {string | undefined} request the browser's id of a request
 * @property {Set<Connection> | null} behind the relays that may have calls to report which caused it; null until they have been asked
 */
/** How many possible hits there were in a tab, and the time of the first. @typedef {{count: number, time: number}} Count */
/** @typedef {[tab: number, count: Count][]} Lost those that are gone when the background is stopped */
/** @typedef {{tab?: number, frame?: number, document?: string, url?: string, top_url?: string, title?: string}} Where of a document */
/** @typedef {{details: Details, size: number, failed?: number}} Early a request before any call, and when it failed */

/**
 * @typedef {object} FollowingOptions
 * @property {(message: object) => boolean} send sends to the host; false when there is none
 * @property {import('./recording.js').State} state
 * @property {import('./recording.js').Recording} recording
 * @property {() => void} keep saves the state at once, so that the tab is still known if the background is stopped now
 * @property {(lost: Lost) => void} keepLost saves what restored() is given when the background is started again
 * @property {() => number} now milliseconds
 * @property {(ms: number, then: () => void) => void} later
 * @property {() => string} unique
 * @property {string} own the address of the extension's own pages
 */

/** How long a request before any call is kept, in milliseconds: it may overtake the call that caused it. */
const EARLY = 30_000;
/** How long a page may take to report the calls that it has made, in milliseconds. Only a page that hangs takes so long. */
const REPORTS = 30_000;
/**
 * How long the requests of a prerendered page are kept, in milliseconds: its calls are reported only when it is shown.
 * Chromium reports such requests with the right tab, in which another page is shown, but with a wrong frame:
 * https://github.com/w3c/webextensions/issues/396
 */
const HIDDEN = 300_000;
const MAX_EARLY = 200;
const MAX_EARLY_SIZE = 16_777_216;
/** For how many requests that did not fit the time and place are remembered. */
const MAX_CROWDED = 5000;
/** How many milliseconds a request's time may be before that of its call. The host has the same limit. */
const OVERTAKES = 100;
const MAX_OPEN = 5000;
const MAX_OPEN_SIZE = 67_108_864;
const MAX_TO = 65_536;
const BATCH = 200;
const BATCH_SIZE = 1_000_000;
/** How many milliseconds pass before what would be lost is saved again. The browser stops a background that was idle for some 30 seconds. */
const KEEP = 5000;
/** Within how many milliseconds a service worker passes on what a page requests. */
const PASSED_ON = 5000;
const MAX_PASSED_ON = 200;

/** Userlike's hosts: those that its page on content security policy lists, and those of the product's newer name. */
const USERLIKE = /^userlike-cdn|^(?:[\w-]+\.)*(?:userlike|lime-connect)\.com$|^userlike-[\w-]+\.(?:s3[\w.-]*\.amazonaws\.com|b-cdn\.net)$/;
/**
 * Types of requests that the browser makes by itself, or to show a page
 * (https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/API/webRequest/ResourceType).
 * They can carry a call only in the address.
 */
const STATIC = new Set(['stylesheet', 'font', 'media', 'object', 'speculative', 'web_manifest', 'xslt', 'xml_dtd']);
const NEVER = new Set(['csp_report', 'webbundle']);

/** Whether it is a request of a prerendered page. @param {Details} details */
const isHidden = ({ documentLifecycle }) => documentLifecycle === 'prerender';

/** The site that a request is made for, '' for none. @param {Details} details */
const siteOf = ({ initiator, originUrl = '' }) => {
  const site = initiator ?? originOf(originUrl);
  return site === 'null' ? '' : site;
};

/** The members of a candidate that say which document it is from. @param {Connection} relay */
const placed = ({ sender: { tab, frame }, document, top, url, page }) =>
  ({ tab, frame, document: document || undefined, url, top_url: top ? url : page.url, title: page.title });

export class Following {
  /** Requests of tabs in which no call is known yet. @type {Set<Early>} */
  #early = new Set();
  #earlySize = 0;
  #clearing = false;
  /** Candidates on which the host has not decided yet, by id. @type {Map<string, Open>} */
  #open = new Map();
  #openSize = 0;
  /** Requests before any call that did not fit. @type {{tabId: number, site: string, time: number, incognito: boolean | undefined}[]} */
  #crowded = [];
  /** Those that could not be kept, by tab. @type {Map<number, Count>} */
  #dropped = new Map();
  /** Whether there is no host. */
  #absent = false;
  #keeping = false;
  /** Whether anything is saved as lost. */
  #kept = false;
  /** The relays of a tab that have been asked to report all calls and have not done so yet. @type {Map<number, Set<Connection>>} */
  #asked = new Map();
  /** Where the last call of a tab was made. @type {Map<number, Where>} */
  #callers = new Map();
  #resting = false;
  /** Requests of pages that a service worker may pass on. @type {Set<{place: string, form: boolean, body: string, time: number}>} */
  #passing = new Set();
  /** The last address of each request, which a redirect may change, by the browser's id. @type {Map<string, string>} */
  #lately = new Map();
  #options;

  /** @param {FollowingOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** A call has been recorded. @param {PageRecord} record @param {boolean} incognito whether it was made in a private window */
  called(record, incognito) {
    const { state: { followed }, recording, now, keep } = this.#options;
    const isNew = record.tab !== undefined && followed.tabOf(record.tab, '', now()) < 0;
    followed.called(record, now(), incognito);
    if (isNew) keep();
    if (record.tab !== undefined) {
      const { tab, frame, document, url, top_url, title } = record;
      this.#callers.delete(tab);
      this.#callers.set(tab, { tab, frame, document, url, top_url, title });
      bound(this.#callers, MAX_TABS);
    }
    this.#forgetEarly();
    this.#countCrowded(Date.parse(record.time));
    for (const early of this.#early) {
      if (isHidden(early.details) ? recording.whose(early.details.documentId ?? '') === undefined : this.#tabOf(early.details) < 0) continue;
      this.#leave(early);
      this.#take(early.details);
      if (early.failed !== undefined) this.failed({ requestId: early.details.requestId, timeStamp: early.failed });
    }
  }

  /** The browser is about to make a request. @param {Details} details */
  request(details) {
    if (!this.#concerns(details)) return;
    if (!isHidden(details) && this.#tabOf(details) >= 0) {
      this.#take(details);
      return;
    }
    const early = { details, size: bytesOf(details.url) + sizeOf(details.requestBody) };
    this.#early.add(early);
    this.#earlySize += early.size;
    for (const oldest of this.#early) {
      if (this.#early.size <= MAX_EARLY && this.#earlySize <= MAX_EARLY_SIZE) break;
      this.#leave(oldest);
      const { tabId, timeStamp, incognito } = oldest.details;
      if (!isHidden(oldest.details)) this.#crowded.push({ tabId, site: siteOf(oldest.details), time: timeStamp, incognito });
      if (this.#crowded.length > 2 * MAX_CROWDED) this.#crowded.splice(0, MAX_CROWDED);
    }
    if (this.#clearing) return;
    this.#clearing = true;
    this.#clearSoon();
  }

  /**
   * A relay reports what was found in queues.
   * @param {Connection} relay
   * @param {QueuedMessage} message
   */
  queued(relay, { queued, dropped }) {
    const { state: { scope, followed }, recording, unique } = this.#options;
    const { tab } = relay.sender;
    const where = recording.where(relay);
    if (!scope.follow || tab === undefined || scope.of(where).excluded) return;
    if (dropped > 0 && followed.tabOf(tab, '', this.#options.now()) >= 0) this.#drop(dropped, tab, this.#options.now());
    for (const { to, time, data, notes } of queued) {
      if (scope.paused(where, Date.parse(time)) || followed.tabOf(tab, '', Date.parse(time)) < 0) continue;
      this.#add({ id: unique(), time, via: 'queue', to, ...placed(relay), data, notes }, tab);
    }
    this.#pump();
  }

  /** The host is ready. It may be a new process, which has been given nothing yet. */
  connected() {
    this.#absent = false;
    for (const open of this.#open.values()) open.sent = false;
    this.#pump();
  }

  /** There is no host any more, or still none. */
  disconnected() {
    this.#absent = true;
    this.#keepLost();
  }

  /** The background has been started again. @param {Lost} lost what was lost when it was stopped */
  restored(lost) {
    if (lost.length === 0) return;
    this.#kept = true;
    for (const [tab, { count, time }] of lost) this.#drop(count, tab, time);
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

  /** A relay has reported all calls of its document, or goes. @param {Connection} relay */
  reported(relay) {
    for (const [tab, relays] of this.#asked) {
      if (relays.delete(relay) && relays.size === 0) this.#reportedAll(tab);
    }
  }

  /** Sends the host at once what it has not been given, as no page reports any more. */
  flush() {
    this.#send(true);
  }

  /** @param {number} tab */
  #reportedAll(tab) {
    this.#asked.get(tab)?.clear();
    this.#asked.delete(tab);
    this.#pump();
  }

  /**
   * Asks the documents of candidates' tabs to report all calls that they have made: a page whose
   * scripts are busy reports them long after the requests that they caused. While a tab is
   * asked, its further candidates wait until it can be asked again.
   */
  #ask() {
    /** @type {Map<number, Set<Connection>>} */
    const asked = new Map();
    for (const open of this.#open.values()) {
      if (open.behind !== null || this.#asked.has(open.tab)) continue;
      open.behind = asked.get(open.tab) ?? new Set(this.#options.recording.connections(open.tab).filter(({ going }) => !going));
      asked.set(open.tab, open.behind);
    }
    for (const [tab, relays] of asked) {
      if (relays.size === 0) continue;
      this.#asked.set(tab, relays);
      for (const relay of relays) relay.post({ type: 'report' });
      this.#options.later(REPORTS, () => this.#asked.get(tab) === relays && this.#reportedAll(tab));
    }
  }

  /** Whether a request could be a hit at all. @param {Details} details */
  #concerns({ url, method, type, initiator, originUrl }) {
    if (!this.#options.state.scope.follow || NEVER.has(type) || method === 'OPTIONS') return false;
    if (`${initiator ?? originUrl ?? ''}/`.startsWith(this.#options.own)) return false;
    if (STATIC.has(type) && !url.includes('?')) return false;
    const host = /^(?:https?|wss?):\/\/(?:[^/?#@]*@)?([^/?#:]+|\[[^\]]*\])/.exec(url)?.[1];
    return host !== undefined && !USERLIKE.test(host);
  }

  /** The tab whose calls may have caused a request, -1 for none. @param {Details} details */
  #tabOf(details) {
    return this.#options.state.followed.tabOf(details.tabId, siteOf(details), details.timeStamp, details.incognito);
  }

  /** @param {Details} details */
  #take(details) {
    const { state: { scope }, recording, unique } = this.#options;
    const { documentId = '', tabId, frameId, timeStamp, requestId, method, type, requestBody, incognito } = details;
    const tab = this.#tabOf(details);
    const relay = recording.whose(documentId);
    const site = siteOf(details);
    const where = relay === undefined ? recording.whereIn(tab) : recording.where(relay);
    const all = { ...where, others: site === '' ? where.others : [...where.others, `${site}/`], incognito: incognito ?? where.incognito };
    if (scope.of(all).excluded || scope.paused(all, timeStamp)) return;
    const to = details.url.replace(/#.*$/s, '').slice(0, MAX_TO);
    // A browser that switches to https by itself treats that as a redirect
    // (https://github.com/whatwg/fetch/issues/324), and reports the request a second time.
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
    }, tab, requestId);
    this.#pump();
  }

  /**
   * A request has failed. If the page sends it again because of that, it is not a second
   * hit.
   * @param {{requestId: string, timeStamp: number}} details
   */
  failed({ requestId, timeStamp }) {
    // If the request was redirected, its last part has failed.
    const early = last(this.#early, ({ details }) => details.requestId === requestId);
    if (early !== undefined) early.failed = timeStamp;
    const open = last(this.#open.values(), ({ request }) => request === requestId);
    if (open === undefined) return;
    open.candidate.failed = new Date(timeStamp).toISOString();
    open.sent = false;
    this.#pump();
  }

  /** The head of a request's answer has come. @param {{requestId: string, timeStamp: number, statusCode: number}} details */
  answered(details) {
    if (details.statusCode >= 400) this.failed(details);
  }

  /**
   * Whether a service worker only passes on what a page has requested. Firefox reports both
   * requests, Chromium only the worker's.
   * @param {Details} details
   * @param {string} to
   * @param {object | undefined} content the body's content
   */
  #isPassedOn({ initiator, tabId, timeStamp, method, incognito }, to, content) {
    if (initiator !== undefined) return false; // only Chromium says the initiator
    for (const passing of this.#passing) {
      if (this.#passing.size > MAX_PASSED_ON || passing.time < timeStamp - PASSED_ON) this.#passing.delete(passing);
    }
    const place = `${incognito} ${method} ${to}`;
    const json = JSON.stringify(content ?? '');
    const body = `${json.length} ${json.slice(0, 2000)}`;
    const form = content !== undefined && 'form' in content;
    if (tabId >= 0) {
      this.#passing.add({ place, form, body, time: timeStamp });
      return false;
    }
    // A body that is a form in the page is bytes in the worker.
    const page = [...this.#passing].find((passing) => passing.place === place && (passing.body === body || passing.form !== form));
    return page !== undefined && this.#passing.delete(page);
  }

  /** @param {Candidate} candidate @param {number} tab @param {string} [request] */
  #add(candidate, tab, request) {
    const size = bytesOf(JSON.stringify(candidate));
    if (this.#open.size >= MAX_OPEN || this.#openSize + size > MAX_OPEN_SIZE) {
      this.#drop(1, tab, Date.parse(candidate.time));
      return;
    }
    this.#open.set(candidate.id, { candidate, size, sent: false, tab, request, behind: null });
    this.#openSize += size;
  }

  /**
   * Counts possible hits that cannot be kept.
   * @param {number} count
   * @param {number} tab the tab of the calls
   * @param {number} time milliseconds
   */
  #drop(count, tab, time) {
    add(this.#dropped, count, tab, time);
  }

  /** Saves what would be lost if the browser stopped the background. It does not stop one that has a host. */
  #keepLost() {
    const waits = this.#absent && this.#open.size + this.#dropped.size > 0;
    if (this.#keeping || !(waits || this.#kept)) return;
    this.#keeping = true;
    this.#options.later(KEEP, () => {
      this.#keeping = false;
      /** @type {Map<number, Count>} */
      const lost = new Map(this.#absent ? this.#dropped : []);
      if (this.#absent) for (const { tab, candidate } of this.#open.values()) add(lost, 1, tab, Date.parse(candidate.time));
      if (lost.size === 0 && !this.#kept) return;
      this.#kept = lost.size > 0;
      this.#options.keepLost([...lost]);
    });
  }

  /**
   * A call has been made. It may have caused some of the requests that did not fit until now.
   * @param {number} called milliseconds
   */
  #countCrowded(called) {
    const { state: { followed, scope }, recording } = this.#options;
    this.#crowded = this.#crowded.filter(({ tabId, site, time, incognito }) => {
      const tab = followed.tabOf(tabId, site, time, incognito);
      if (tab < 0) return true;
      const where = recording.whereIn(tab);
      if (time >= called - OVERTAKES && !scope.of(where).excluded && !scope.paused(where, time)) this.#drop(1, tab, time);
      return false;
    });
    if (this.#dropped.size > 0) this.#pump();
  }

  /** What the host is told about possible hits that could not be kept. */
  #missed() {
    if (this.#dropped.size === 0) return {};
    const missed = [...this.#dropped].map(([tab, { count, time }]) => ({
      count, time: new Date(time).toISOString(), ...this.#callers.get(tab) ?? { tab, top_url: this.#options.recording.pageOf(tab) },
    }));
    return { dropped: missed.reduce((sum, { count }) => sum + count, 0), missed };
  }

  /** Waits a moment, so that what comes meanwhile goes in the same message. */
  #pump() {
    if (this.#resting) return;
    this.#resting = true;
    this.#options.later(REST, () => {
      this.#resting = false;
      this.#ask();
      this.#send();
      this.#keepLost();
    });
  }

  /** @param {boolean} [all] also what waits for reports of calls */
  #send(all = false) {
    /** @type {Open[]} */
    let batch = [];
    let size = 0;
    const flush = () => {
      if (batch.length === 0 && this.#dropped.size === 0) return true;
      this.#absent = !this.#options.send({ type: 'candidates', candidates: batch.map(({ candidate }) => candidate), ...this.#missed() });
      if (this.#absent) return false;
      this.#dropped.clear();
      for (const open of batch) open.sent = true;
      batch = [];
      size = 0;
      return true;
    };
    for (const open of this.#open.values()) {
      if (open.sent || !(all || open.behind?.size === 0)) continue;
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
    const now = this.#options.now();
    const before = now - EARLY;
    for (const early of this.#early) {
      if (early.details.timeStamp < (isHidden(early.details) ? now - HIDDEN : before)) this.#leave(early);
    }
    this.#crowded = this.#crowded.filter(({ time }) => time >= before);
  }

  #clearSoon() {
    this.#options.later(EARLY, () => {
      this.#forgetEarly();
      this.#clearing = this.#early.size + this.#crowded.length > 0;
      if (this.#clearing) this.#clearSoon();
    });
  }
}

/** @param {Map<number, Count>} all @param {number} count @param {number} tab @param {number} time milliseconds */
const add = (all, count, tab, time) => {
  const before = all.get(tab);
  all.set(tab, { count: count + (before?.count ?? 0), time: Math.min(time, before?.time ?? Infinity) });
};

/**
 * The last item for which meant is true. It makes no copy of the list, because with an ad
 * blocker many requests fail.
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

/** A short name of a place: a queue's name, or a host. @param {string} to */
const placeName = (to) => /^[a-z]+:\/\/([^/?#]+)/.exec(to)?.[1] ?? to;
