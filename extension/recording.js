// @ts-check
// Handles the messages of all connected relays. Each record gets the place that the browser
// reports for its relay, is checked against what may be recorded, and is passed on. Pure.

import { SPOOL } from './delivery.js';
import { addressOf, conceal, documentOf, gapFor, readRecord, siteOf, UUID, WHY } from './records.js';
import { placeOf } from './scope.js';

/** @typedef {import('./records.js').PageRecord} PageRecord */
/** @typedef {import('./scope.js').Where} Where */

/**
 * @typedef {import('./records.js').Sender & {document: string, incognito: boolean, began: number}} Sender document is the browser's
 *   own id, '' where it gives none; began is when the document began (Date.now()), 0 if that is not known
 */

const { readRelay } = /** @type {Messages} */ (/** @type {any} */ (globalThis).userlikeInspectorMessages);

/**
 * What the tab shows of a page. Its top document and its frames share one object.
 * @typedef {import('./tabs.js').Top & {known: boolean}} Page known: whether its top document has connected
 */

/**
 * A relay's port, and what is known of its document.
 * @typedef {object} Connection
 * @property {Sender} sender
 * @property {(message: object) => void} post
 * @property {string} document the document of its records, '' until it has sent one
 * @property {boolean} top whether it is a page's top document
 * @property {boolean} going its document is being left: it may be frozen, and does not answer
 * @property {string} url the document's last known address
 * @property {Page} page the page that its document is in
 * @property {string} told what the relay was last told about what may be recorded
 * @property {boolean} over it was told that its document is excluded: it ends then
 * @property {{document: string, seq: number, calls: number}} unrecorded calls that the relay only counts
 * @property {Map<string, string>} running calls whose function may still run while the page leaves, by id, as JSON
 * @property {PageRecord[]} withheld records at an excluded address, kept as long as nothing of the document is recorded
 */

/**
 * @typedef {object} State what the background remembers
 * @property {import('./tally.js').Tally} tally
 * @property {import('./scope.js').Scope} scope
 * @property {import('./tabs.js').Tabs} tabs
 * @property {import('./quota.js').Quota} quota
 * @property {import('./followed.js').Followed} followed
 * @property {Set<number>} standIns tabs whose tester wants a stand-in where the site has no handler
 */

/**
 * @typedef {object} RecordingOptions
 * @property {State} state
 * @property {import('./documents.js').Documents} documents
 * @property {import('./delivery.js').Delivery} delivery
 * @property {(tab: number | undefined) => boolean} standIn
 * @property {() => number} now milliseconds
 * @property {(ms: number, then: () => void) => void} later
 * @property {(record: PageRecord, incognito: boolean) => void} called is called when a call is recorded, with whether its window is private
 * @property {(relay: Connection, message: QueuedMessage) => void} queued
 * @property {(tab: number | undefined) => void} changed is called when the badge of a tab may have to change
 * @property {(relay: Connection, message: PageMessage) => void} asked
 * @property {(relay: Connection, message: StepMessage) => void} step
 * @property {(relay: Connection) => void} reported is called when all calls that the document had made have been recorded, or as many as will be
 * @property {(relay: Connection) => void} left
 * @property {() => void} taken is called when something waits for the host
 */

const WITHHELD = 1000;
const OWNERS = 5000;
/** How long a page that ends normally takes to report the calls that it counted, in milliseconds. */
const COUNTED_SOON = 2000;

/** @param {Sender} sender @param {(message: object) => void} post @returns {Connection} */
export const connection = (sender, post) => ({
  sender, post, document: '', top: sender.frame === 0, going: false, url: sender.url, page: { url: '', title: '', known: false }, told: '', over: false,
  unrecorded: { document: '', seq: 0, calls: 0 }, running: new Map(), withheld: [],
});

/** The keys of what relays have written to the storage, with the document. */
const RELAY_ENTRY = /^spool\/([0-9a-f-]{36})\/\d+$/;

/**
 * The place of a record that a relay has written to the storage.
 * @param {PageRecord} record
 * @param {Place} place
 * @returns {Where}
 */
const whereWritten = ({ url = '', top_url = '' }, { tab, frame, origin = '', opener = '', incognito = false }) => {
  const own = placeOf(url, origin, frame === 0 ? opener : '');
  return { tab, top: frame === 0 ? own : placeOf(top_url, '', opener), others: [own], incognito };
};

export class Recording {
  /** @type {Set<Connection>} */
  #connections = new Set();
  /** Relays that have gone and have counted calls that no record reports yet. @type {Set<Connection>} */
  #unfinished = new Set();
  /** The browser's id for each document of the records. @type {Map<string, string>} */
  #owners = new Map();
  /** Relays by the browser's id of their document, also those that have gone. @type {Map<string, Connection>} */
  #relays = new Map();
  #options;

  /** @param {RecordingOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @param {number} [tab] only those of this tab */
  connections(tab) {
    return [...this.#connections].filter(({ sender }) => tab === undefined || sender.tab === tab);
  }

  /** Calls of a tab that are only counted. @param {number} tab */
  unrecorded(tab) {
    return this.connections(tab).reduce((sum, { unrecorded }) => sum + unrecorded.calls, 0);
  }

  /** The address by which it is decided whether a tab's page may be recorded. @param {number} tab */
  pageOf(tab) {
    const { tabs } = this.#options.state;
    return placeOf(tabs.top(tab).url, this.#top(tab)?.sender.origin ?? '', tabs.opener(tab));
  }

  /** The relay of the top document that a tab shows. The one before may still be leaving. @param {number} tab */
  #top(tab) {
    return this.connections(tab).findLast(({ top }) => top);
  }

  /** Whether the tester has paused the page in a tab. @param {number} tab */
  paused(tab) {
    return this.#options.state.scope.of({ tab, top: this.pageOf(tab), others: [], incognito: false }).paused !== '';
  }

  /** @param {Connection} relay */
  connect(relay) {
    relay.page = this.#pageFor(relay);
    this.#connections.add(relay);
    if (relay.sender.document !== '') {
      this.#relays.delete(relay.sender.document);
      this.#relays.set(relay.sender.document, relay);
      if (this.#relays.size > OWNERS) this.#relays.delete(this.#relays.keys().next().value ?? '');
    }
    relay.post({ type: 'place', place: this.#place(relay) });
    this.#tellWatch(relay);
    if (this.#options.standIn(relay.sender.tab)) relay.post({ type: 'stand-in', on: true });
  }

  /**
   * The page of a document that connects. When a page is left, its frames may connect after the
   * next page; they began before that. After a restart of the background, frames may
   * connect before their top document. It takes their page if that has its address: they
   * could also be frames of the page before.
   * @param {Connection} relay
   * @returns {Page}
   */
  #pageFor({ sender: { tab, document, began }, top, url }) {
    const shown = this.#options.state.tabs.top(tab);
    if (tab === undefined) return { ...shown, known: top };
    const address = top ? url : shown.url;
    const page = this.#relays.get(document)?.page ?? (top ? undefined : this.#topOf(tab, began)?.page) ??
      this.connections(tab).find((relay) => !relay.page.known && relay.page.url === address)?.page ?? { ...shown, known: false };
    return top ? Object.assign(page, shown, { known: true }) : page;
  }

  /** The relay of the top document of a frame. @param {number} tab @param {number} began when the frame's document began, 0 if not known */
  #topOf(tab, began) {
    const newest = this.#top(tab);
    if (began === 0 || newest === undefined || newest.sender.began <= began) return newest;
    return [...this.#relays.values()].findLast(({ top, sender }) => top && sender.tab === tab && sender.began <= began) ?? newest;
  }

  /** @param {Connection} relay @param {unknown} said */
  heard(relay, said) {
    const message = readRelay(said);
    switch (message?.type) {
      case 'records':
        this.#records(relay, message);
        break;
      case 'unrecorded':
        this.#introduce(relay, message.document, false);
        if (relay.document === message.document) relay.unrecorded = message;
        break;
      case 'page':
        this.#introduce(relay, message.document, false);
        this.#options.asked(relay, message);
        return;
      case 'step':
        this.#options.step(relay, message);
        return;
      case 'reported':
        this.#options.reported(relay);
        return;
      case 'queued':
        if (relay.document === message.document) this.#options.queued(relay, message);
        return;
      case 'running': {
        const record = readRecord(message.record, '', this.#iso());
        if (record !== null) relay.running.set(record.id, message.record);
        return;
      }
      default:
        return;
    }
    this.#tellWatch(relay);
    this.#options.changed(relay.sender.tab);
  }

  /** @param {Connection} relay */
  gone(relay) {
    this.#connections.delete(relay);
    this.#options.left(relay);
    // Their functions have never ended, so the first form of their records counts.
    if (relay.running.size > 0) this.#records(relay, { type: 'records', paused: false, going: true, records: [...relay.running.values()] });
    if (relay.top) this.#options.state.tally.left(relay.sender.tab, relay.document);
    if (relay.unrecorded.calls === 0) return;
    this.#unfinished.add(relay);
    this.#options.later(COUNTED_SOON, () => this.#tellFor(relay));
  }

  /** Records the calls that relays counted but could not report before they ended. */
  tellUnrecorded() {
    for (const relay of this.#unfinished) this.#tellFor(relay);
  }

  /** What may be recorded, or a tab's address, has changed: tell all relays. @param {number} [tab] */
  watchChanged(tab) {
    for (const relay of this.connections(tab)) {
      this.#tellWatch(relay);
      this.#options.changed(relay.sender.tab);
    }
  }

  /** @param {number} [tab] */
  standInChanged(tab) {
    for (const { post, sender } of this.connections(tab)) post({ type: 'stand-in', on: this.#options.standIn(sender.tab) });
  }

  /** The tab's page has another address without a new document. @param {number} tab */
  moved(tab) {
    const shown = this.#options.state.tabs.top(tab);
    const top = this.#top(tab);
    if (top) top.url = addressOf(shown.url, top.sender);
    for (const { page } of top ? [top] : this.connections(tab)) Object.assign(page, shown);
    this.watchChanged(tab);
  }

  /** Tells relays which records are safe, so that they may forget them. @param {string[]} ids */
  kept(ids) {
    /** @type {Map<string, number[]>} */
    const seqs = new Map();
    for (const id of ids) {
      const slash = id.lastIndexOf('/');
      const document = id.slice(0, slash);
      const of = seqs.get(document) ?? [];
      of.push(Number(id.slice(slash + 1)));
      seqs.set(document, of);
    }
    for (const { document, post } of this.#connections) {
      const of = seqs.get(document);
      if (of) post({ type: 'ack', seqs: of });
    }
  }

  /** Passes records on to the host. @param {PageRecord[]} records @param {boolean} [incognito] whether they are of a private window */
  take(records, incognito = false) {
    const { documents, delivery, state: { tally }, taken, called } = this.#options;
    if (records.length === 0) return;
    for (const record of records) documents.seen(record);
    for (const record of delivery.add(records)) {
      tally.seen(record);
      if (record.kind === 'call') called(record, incognito);
    }
    taken();
  }

  /**
   * Reads an entry of the storage.
   * @param {string} key
   * @param {any} entry a SpoolEntry of messages.js, or what this background wrote before it was stopped
   * @returns {PageRecord[]}
   */
  entry(key, entry) {
    if (!RELAY_ENTRY.test(key)) return entry.records.map((/** @type {string} */ json) => JSON.parse(json));
    const { place = {}, paused, records } = entry;
    /** @type {PageRecord[]} */
    const taken = [];
    for (const json of records) {
      const record = readRecord(json, '', this.#iso());
      if (record === null) continue;
      if (Number.isInteger(place.tab)) record.tab = place.tab;
      if (Number.isInteger(place.frame)) record.frame = place.frame;
      record.top_url ??= place.top_url;
      record.title ??= place.title;
      const admitted = this.#admit(record, whereWritten(record, place), json.length, paused === true);
      if (admitted) taken.push(admitted);
    }
    return taken;
  }

  /** The gap in place of an entry of the storage that cannot be read. @param {string} key @returns {PageRecord} */
  unreadable(key) {
    const document = RELAY_ENTRY.exec(key)?.[1];
    const id = `unread/${key.slice(SPOOL.length)}`.slice(0, 150);
    return { ...gapFor(document ?? '', 0, WHY.storage, this.#iso(), 0), ...document === undefined ? { document: undefined } : {}, id };
  }

  /** The record in place of one that the host cannot take. @param {PageRecord} record @returns {PageRecord} */
  undelivered({ kind, document, seq, tab, frame, url }) {
    return { ...gapFor(document, seq, WHY.undelivered, this.#iso(), kind === 'call' ? 1 : 0), tab, frame, url: siteOf(url ?? '') };
  }

  #iso() {
    return new Date(this.#options.now()).toISOString();
  }

  /** The relay of a document, if it has connected. @param {string} document the browser's own id of it */
  whose(document) {
    return this.#relays.get(document);
  }

  /** The place of something in a tab whose frame is not known. @param {number} tab @returns {Where} */
  whereIn(tab) {
    return { tab, top: this.pageOf(tab), others: [], incognito: this.connections(tab).some(({ sender }) => sender.incognito) };
  }

  /** @param {Connection} relay @param {string} [at] the document's address at some time @returns {Where} */
  where({ sender: { tab, origin, incognito }, top, url, page }, at = url) {
    const { tabs } = this.#options.state;
    const opener = tabs.opener(tab);
    const own = placeOf(at, origin, top ? opener : '');
    if (top) return { tab, top: own, others: [], incognito };
    // The tab may just have changed to another address or page, so that one counts as well.
    return { tab, top: placeOf(page.url, '', opener), others: [own, placeOf(tabs.top(tab).url, '', opener)], incognito };
  }

  /** The place that a relay adds to what it writes to the storage itself. @param {Connection} relay @returns {Place} */
  #place({ sender: { tab, frame, origin, incognito }, top, page: { url, title } }) {
    const opener = this.#options.state.tabs.opener(tab);
    return { tab, frame, origin, incognito, opener, ...top ? {} : { top_url: url, title } };
  }

  /**
   * The first record of a relay says which document it is.
   * @param {Connection} relay
   * @param {string} document
   * @param {boolean} going
   */
  #introduce(relay, document, going) {
    if (relay.document === '' && UUID.test(document) && this.#owns(relay.sender, document)) relay.document = document;
    if (relay.document === document && !going) this.#options.state.tally.introduce(relay.sender.tab, document, relay.top);
  }

  /** Whether a relay may send records of a document: it must not be another relay's. @param {Sender} sender @param {string} document */
  #owns(sender, document) {
    const who = sender.document || `${sender.tab}/${sender.frame}`;
    const owner = this.#owners.get(document);
    if (owner !== undefined) return owner === who;
    this.#owners.set(document, who);
    if (this.#owners.size > OWNERS) this.#owners.delete(this.#owners.keys().next().value ?? '');
    return true;
  }

  /** @param {Connection} relay @param {RecordsMessage} message */
  #records(relay, { records: texts, paused, going }) {
    if (texts.length > 0) this.#introduce(relay, documentOf(texts[0]), going);
    if (relay.document === '') return; // the records claim to be of another document
    if (going) {
      relay.going = true;
      this.#options.reported(relay);
    }
    // This relay does not know of the pause yet. When it does, it sends these records
    // again, unless the page is leaving.
    if (!paused && !going && this.#options.state.scope.since(this.where(relay)) > 0) return;
    /** @type {PageRecord[]} */
    const taken = [];
    /** @type {number[]} */
    const dropped = [];
    for (const json of texts) {
      const record = readRecord(json, relay.document, this.#iso());
      if (record === null) continue;
      relay.running.delete(record.id);
      this.#locate(relay, record);
      const admitted = this.#admit(record, this.where(relay, record.url), String(json).length, paused);
      if (admitted) {
        taken.push(...relay.withheld.splice(0), admitted);
        continue;
      }
      // If the document may be recorded later, these seqs are then known to be missing.
      dropped.push(record.seq);
      relay.withheld.push(conceal(record, WHY.excluded, false));
      if (relay.withheld.length > WITHHELD) relay.withheld.shift();
    }
    if (dropped.length > 0) relay.post({ type: 'ack', seqs: dropped });
    this.take(taken, relay.sender.incognito);
  }

  /** Writes a record's place into it. @param {Connection} relay @param {PageRecord} record */
  #locate(relay, record) {
    const { sender } = relay;
    // For a tab that is being closed, Firefox reports neither tab nor frame (getSender in
    // toolkit/components/extensions/ExtensionParent.sys.mjs). But a relay writes top_url
    // only into records of the top document.
    if (sender.frame === undefined && record.top_url !== undefined) relay.top = true;
    const { top } = relay;
    if (sender.tab !== undefined) record.tab = sender.tab;
    if (sender.frame !== undefined) record.frame = sender.frame;
    record.url = addressOf(record.url, sender);
    if (!top) {
      Object.assign(record, { top_url: relay.page.url, title: relay.page.title });
      return;
    }
    record.top_url = record.url;
    if (!('title' in record)) return; // it was made in a pause and says only its site
    relay.url = record.url;
    const shown = { url: record.url, title: record.title };
    Object.assign(relay.page, shown);
    // The tab may show the next page already.
    if (sender.tab !== undefined && relay === this.#top(sender.tab)) this.#options.state.tabs.shows(sender.tab, shown);
  }

  /**
   * A record in the form in which it may be kept.
   * @param {PageRecord} record
   * @param {Where} where
   * @param {number} size
   * @param {boolean} knows whether its relay knew of the pause, and has concealed its records
   * @returns {PageRecord | null} null if nothing of it may be kept
   */
  #admit(record, where, size, knows) {
    const { state: { scope, quota }, documents, now } = this.#options;
    if (scope.of(where).excluded) {
      return documents.knows(record.document) ? conceal(record, WHY.excluded, false) : null;
    }
    if (record.why === WHY.paused || (!knows && scope.paused(where, Date.parse(record.time)))) return conceal(record, WHY.paused);
    const full = quota.take(record.document, siteOf(where.top), size, now());
    if (full !== '') return conceal(record, full);
    return scope.follow ? record : { ...record, pushed: undefined };
  }

  /** @param {Connection} relay */
  #tellWatch(relay) {
    const { state: { scope, quota }, documents, now } = this.#options;
    const where = this.where(relay);
    const { excluded, paused } = scope.of(where);
    if (excluded !== '') relay.over = true;
    if (relay.over) documents.exclude(relay.document); // its last records may still come
    const why = paused ? WHY.paused : quota.full(relay.document, siteOf(where.top), now());
    const since = paused ? scope.since(where) : undefined;
    const word = { type: 'watch', excluded: excluded !== '', paused: why !== '', why, since, limits: scope.limits, follow: scope.follow };
    const said = JSON.stringify(word);
    if (said === relay.told) return;
    relay.told = said;
    relay.post(word);
  }

  /** Makes the record that a relay would have made of the calls that it counted. @param {Connection} relay */
  #tellFor(relay) {
    if (!this.#unfinished.delete(relay)) return;
    const { sender: { tab, frame }, unrecorded: { document, seq, calls } } = relay;
    const why = JSON.parse(relay.told || '{}').why || WHY.paused;
    const gap = gapFor(document, seq, why, this.#iso(), calls);
    this.take([{ ...gap, tab, frame, ...this.#sites(relay) }]);
  }

  /** The sites of a document and of its page. @param {Connection} relay */
  #sites({ url, top, page }) {
    return { url: siteOf(url), top_url: siteOf(top ? url : page.url) };
  }
}
