// @ts-check
// The relays that are connected, and what becomes of what they say: it is placed
// where the browser says that they are, judged by what may be recorded, and
// handed on. Pure.

import { SPOOL } from './delivery.js';
import { addressOf, conceal, documentOf, gapFor, readRecord, siteOf, UUID, WHY } from './records.js';
import { placeOf } from './watching.js';

/** @typedef {import('./records.js').PageRecord} PageRecord */
/** @typedef {import('./watching.js').Where} Where */

/** @typedef {import('./records.js').Sender & {document: string, incognito: boolean}} Sender document is the browser's own id, '' where it gives none */

const { readRelay } = /** @type {Messages} */ (/** @type {any} */ (globalThis).userlikeInspectorMessages);

/**
 * A relay's port, and what is known of who is at its other end.
 * @typedef {object} Connection
 * @property {Sender} sender
 * @property {(message: object) => void} post
 * @property {string} document its records' document, '' until it has spoken
 * @property {number} since the greater, the later it connected
 * @property {boolean} top whether that is a page's top document
 * @property {string} url the document's address as it was last heard
 * @property {import('./tabs.js').Top} page the top document that a frame is in
 * @property {string} told the last word on what may be recorded
 * @property {{document: string, seq: number, calls: number}} unrecorded calls that the relay counts alone
 * @property {Map<string, string>} running calls whose function may still run while the page leaves, by id, as JSON
 * @property {PageRecord[]} withheld of an address that may not be recorded, while nothing of the document is
 */

/**
 * @typedef {object} State what the background remembers
 * @property {import('./tally.js').Tally} tally
 * @property {import('./watching.js').Watching} watching
 * @property {import('./tabs.js').Tabs} tabs
 * @property {import('./quota.js').Quota} quota
 * @property {import('./following.js').Followed} followed
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
 * @property {(record: PageRecord) => void} called a call is recorded
 * @property {(relay: Connection, message: QueuedMessage) => void} queued
 * @property {(tab: number | undefined) => void} changed what the badge says of a tab may have
 * @property {(relay: Connection, message: PageMessage) => void} asked
 * @property {(relay: Connection, message: StepMessage) => void} step
 * @property {(relay: Connection) => void} left
 * @property {() => void} taken something waits for the host
 */

const WITHHELD = 1000;
const OWNERS = 5000;
/** By then a page that ends in order has told of the calls that it counted. */
const COUNTED_SOON = 2000;

/** @param {Sender} sender @param {(message: object) => void} post @returns {Connection} */
export const connection = (sender, post) => ({
  sender, post, document: '', since: 0, top: sender.frame === 0, url: sender.url, page: { url: '', title: '' }, told: '',
  unrecorded: { document: '', seq: 0, calls: 0 }, running: new Map(), withheld: [],
});

/** What a relay has written to the storage, and of which document. */
const RELAY_ENTRY = /^spool\/([0-9a-f-]{36})\/\d+$/;

/**
 * Where a record is from that a relay has written to the storage.
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
  #connected = 0;
  /** Those that have gone and left calls untold. @type {Set<Connection>} */
  #unfinished = new Set();
  /** Whose documents are, as the browser tells them apart. @type {Map<string, string>} */
  #owners = new Map();
  /** Relays by the browser's id of their document, also those that have gone. @type {Map<string, Connection>} */
  #relays = new Map();
  #options;

  /** @param {RecordingOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @param {number} [tab] those of a tab alone */
  connections(tab) {
    return [...this.#connections].filter(({ sender }) => tab === undefined || sender.tab === tab);
  }

  /** Calls of a tab that are only counted. @param {number} tab */
  unrecorded(tab) {
    return this.connections(tab).reduce((sum, { unrecorded }) => sum + unrecorded.calls, 0);
  }

  /** The address that counts for a tab's page. @param {number} tab */
  pageOf(tab) {
    const top = this.connections(tab).find((relay) => relay.top);
    const { tabs } = this.#options.state;
    return placeOf(tabs.top(tab).url, top?.sender.origin ?? '', tabs.opener(tab));
  }

  /** Whether the tester has paused what a tab shows. @param {number} tab */
  paused(tab) {
    return this.#options.state.watching.of({ tab, top: this.pageOf(tab), others: [], incognito: false }).paused !== '';
  }

  /** @param {Connection} relay */
  connect(relay) {
    this.#connections.add(relay);
    relay.since = ++this.#connected;
    if (relay.sender.document !== '') {
      this.#relays.delete(relay.sender.document);
      this.#relays.set(relay.sender.document, relay);
      if (this.#relays.size > OWNERS) this.#relays.delete(this.#relays.keys().next().value ?? '');
    }
    relay.page = this.#options.state.tabs.top(relay.sender.tab);
    relay.post({ type: 'place', place: this.#place(relay) });
    this.#tellWatch(relay);
    if (this.#options.standIn(relay.sender.tab)) relay.post({ type: 'stand-in', on: true });
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
    // Their functions never ended: what there is of them is what was said at first.
    if (relay.running.size > 0) this.#records(relay, { type: 'records', paused: false, going: true, records: [...relay.running.values()] });
    if (relay.top) this.#options.state.tally.left(relay.sender.tab, relay.document);
    if (relay.unrecorded.calls === 0) return;
    this.#unfinished.add(relay);
    this.#options.later(COUNTED_SOON, () => this.#tellFor(relay));
  }

  /** What the pages that do not go may still have had to say. @returns {PageRecord[]} */
  unheard() {
    return this.connections().filter(({ document }) => document !== '' && this.#options.documents.knows(document)).map((relay) => {
      const { sender: { tab, frame }, document } = relay;
      const gap = { ...gapFor(document, 0, WHY.unheard, this.#iso(), 0), id: `${document}/unheard` };
      return { ...gap, tab, frame, ...this.#sites(relay) };
    });
  }

  /** Tells of the calls that relays counted and did not live to tell of. */
  tellUnrecorded() {
    for (const relay of this.#unfinished) this.#tellFor(relay);
  }

  /** What may be recorded has changed, or where a tab is: everybody is told. @param {number} [tab] */
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

  /**
   * The tab's page has gone to another address of the same document: what is
   * still connected is what it shows.
   * @param {number} tab
   */
  moved(tab) {
    const page = this.#options.state.tabs.top(tab);
    for (const relay of this.connections(tab)) {
      relay.page = page;
      if (relay.top) relay.url = addressOf(page.url, relay.sender);
    }
    this.watchChanged(tab);
  }

  /** These are safe: their relays may forget them. @param {string[]} ids */
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

  /** Hands records on. @param {PageRecord[]} records */
  take(records) {
    const { documents, delivery, state: { tally }, taken, called } = this.#options;
    if (records.length === 0) return;
    for (const record of records) documents.seen(record);
    for (const record of delivery.add(records)) {
      tally.seen(record);
      if (record.kind === 'call') called(record);
    }
    taken();
  }

  /**
   * Reads an entry of the storage.
   * @param {string} key
   * @param {any} entry a SpoolEntry of messages.js, or what this background wrote in an earlier life
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

  /** The gap that stands for an entry of the storage that cannot be read. @param {string} key @returns {PageRecord} */
  unreadable(key) {
    const document = RELAY_ENTRY.exec(key)?.[1];
    const id = `unread/${key.slice(SPOOL.length)}`.slice(0, 150);
    return { ...gapFor(document ?? '', 0, WHY.storage, this.#iso(), 0), ...document === undefined ? { document: undefined } : {}, id };
  }

  /** What stands for a record that the host cannot take. @param {PageRecord} record @returns {PageRecord} */
  undelivered({ kind, document, seq, tab, frame, url }) {
    return { ...gapFor(document, seq, WHY.undelivered, this.#iso(), kind === 'call' ? 1 : 0), tab, frame, url: siteOf(url ?? '') };
  }

  #iso() {
    return new Date(this.#options.now()).toISOString();
  }

  /** Whose document that is, if its relay was met. @param {string} document the browser's own id of it */
  whose(document) {
    return this.#relays.get(document);
  }

  /** Somewhere in a tab. @param {number} tab @returns {Where} */
  whereIn(tab) {
    return { tab, top: this.pageOf(tab), others: [], incognito: this.connections(tab).some(({ sender }) => sender.incognito) };
  }

  /** @param {Connection} relay @param {string} [at] the document's address at some time @returns {Where} */
  where({ sender: { tab, origin, incognito }, top, url, page }, at = url) {
    const { tabs } = this.#options.state;
    const opener = tabs.opener(tab);
    const own = placeOf(at, origin, top ? opener : '');
    if (top) return { tab, top: own, others: [], incognito };
    // Its page may have gone elsewhere just now, or made room for another.
    return { tab, top: placeOf(page.url, '', opener), others: [own, placeOf(tabs.top(tab).url, '', opener)], incognito };
  }

  /** Where a relay is, for what it writes to the storage itself. @param {Connection} relay @returns {Place} */
  #place({ sender: { tab, frame, origin, incognito }, top, page: { url, title } }) {
    const opener = this.#options.state.tabs.opener(tab);
    return { tab, frame, origin, incognito, opener, ...top ? {} : { top_url: url, title } };
  }

  /**
   * A document introduces itself by its records.
   * @param {Connection} relay
   * @param {string} document
   * @param {boolean} going
   */
  #introduce(relay, document, going) {
    if (relay.document === '' && UUID.test(document) && this.#owns(relay.sender, document)) relay.document = document;
    if (relay.document === document && !going) this.#options.state.tally.introduce(relay.sender.tab, document, relay.top);
  }

  /** A document speaks by itself alone. @param {Sender} sender @param {string} document */
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
    if (relay.document === '') return; // it speaks for another
    // A relay that does not know yet that it is paused sends again what it made
    // before, unless it is going.
    if (!paused && !going && this.#options.state.watching.since(this.where(relay)) > 0) return;
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
      // Should the document become one that may be recorded, these are known to be missing.
      dropped.push(record.seq);
      relay.withheld.push(conceal(record, WHY.excluded, false));
      if (relay.withheld.length > WITHHELD) relay.withheld.shift();
    }
    if (dropped.length > 0) relay.post({ type: 'ack', seqs: dropped });
    this.take(taken);
  }

  /** Writes into a record where it is from. @param {Connection} relay @param {PageRecord} record */
  #locate(relay, record) {
    const { sender } = relay;
    // Of a tab that is being closed Firefox says neither tab nor frame. That it
    // is the top document is then known from its relay, which writes the page's
    // address into the records of no other.
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
    if (!('title' in record)) return; // it was paused, and says no more than its site
    const moved = relay.url !== record.url || relay.page.title !== record.title;
    relay.url = record.url;
    if (sender.tab === undefined) return;
    this.#options.state.tabs.shows(sender.tab, { url: record.url, title: record.title });
    if (!moved) return;
    relay.page = this.#options.state.tabs.top(sender.tab);
    for (const frame of this.connections(sender.tab)) if (frame.since >= relay.since) frame.page = relay.page;
  }

  /**
   * A record as it may be kept.
   * @param {PageRecord} record
   * @param {Where} where
   * @param {number} size
   * @param {boolean} knows its relay knew of a pause, and has concealed what it had to
   * @returns {PageRecord | null} null for one of which nothing may be kept
   */
  #admit(record, where, size, knows) {
    const { state: { watching, quota }, documents, now } = this.#options;
    if (watching.of(where).excluded) {
      return documents.knows(record.document) ? conceal(record, WHY.excluded, false) : null;
    }
    if (record.why === WHY.paused || (!knows && watching.paused(where, Date.parse(record.time)))) return conceal(record, WHY.paused);
    const full = quota.take(record.document, siteOf(where.top), size, now());
    if (full !== '') return conceal(record, full);
    return watching.follow ? record : { ...record, pushed: undefined };
  }

  /** @param {Connection} relay */
  #tellWatch(relay) {
    const { state: { watching, quota }, now } = this.#options;
    const where = this.where(relay);
    const { excluded, paused } = watching.of(where);
    const why = paused ? WHY.paused : quota.full(relay.document, siteOf(where.top), now());
    const since = paused ? watching.since(where) : undefined;
    const word = { type: 'watch', excluded: excluded !== '', paused: why !== '', why, since, limits: watching.limits, follow: watching.follow };
    const said = JSON.stringify(word);
    if (said === relay.told) return;
    relay.told = said;
    relay.post(word);
  }

  /** Records what a relay would have told of calls that it counted. @param {Connection} relay */
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
