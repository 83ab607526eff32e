// @ts-check
// The background's parts without a browser, and pages that connect to them.
import { setImmediate } from 'node:timers/promises';
import { Delivery } from '../delivery.js';
import { Documents } from '../documents.js';
import { Ends } from '../ends.js';
import { Followed } from '../followed.js';
import { Quota } from '../quota.js';
import { connection, Recording } from '../recording.js';
import { Tabs } from '../tabs.js';
import { Tally } from '../tally.js';
import { Scope } from '../scope.js';

/** @param {number} n */
const uuid = (n) => `01234567-89ab-4def-8123-${String(n).padStart(12, '0')}`;

/** The time at which the clocks begin. */
export const START = Date.parse('2026-01-01T00:00:00.000Z');

/**
 * The background, from its start until the browser stops it.
 * @param {any} [saved] what it had saved when it was stopped the last time
 * @param {Map<string, any>} [disk] the extension's storage
 */
export function bench(saved, disk = new Map()) {
  let clock = START;
  /** @type {{at: number, then: () => void}[]} */
  let timers = [];
  const limits = { page: { records: 50, size: 100_000 }, site: { records: 60, size: 200_000 } };
  const state = {
    tally: new Tally(saved?.tally),
    scope: new Scope(saved?.pauses),
    tabs: new Tabs(saved?.tabs),
    quota: new Quota(saved?.quota, limits),
    followed: new Followed(),
    standIns: new Set(),
  };
  const documents = new Documents();
  const world = {
    state,
    documents,
    /** What the host has stored. @type {any[]} */ stored: [],
    /** @type {any[]} */ problems: [],
    hostThere: true,
    now: () => clock,
    /** Lets time pass, and runs the timers that become due. @param {number} [ms] */
    async pass(ms = 0) {
      for (const end = clock + ms; ; ) {
        for (let i = 0; i < 20; i++) await setImmediate();
        const next = Math.min(...timers.map((t) => t.at));
        if (next > end) {
          clock = end;
          return;
        }
        clock = Math.max(clock, next);
        const due = timers.filter((t) => t.at <= clock);
        timers = timers.filter((t) => t.at > clock);
        for (const t of due) t.then();
      }
    },
    /** Sets the extension's options. @param {object} own @param {number} [tab] one that has gone to another address */
    options(own, tab) {
      state.scope.apply({ own, managed: undefined });
      recording.watchChanged(tab);
    },
    /** @param {number | string} what @param {boolean} on */
    pause(what, on) {
      state.scope.pause(what, on, clock);
      recording.watchChanged();
    },
    save: () => JSON.parse(JSON.stringify({
      tally: state.tally.save(), pauses: state.scope.save(), tabs: state.tabs.save(), quota: state.quota.save(),
    })),
    /** The records that the host has stored, each in a few words. */
    recorded: () => world.stored.map((r) => [r.kind, r.args?.[0] ?? r.event ?? r.why, r.url].filter((w) => typeof w === 'string').join(' ')),
  };
  const later = (/** @type {number} */ ms, /** @type {() => void} */ then) => void timers.push({ at: clock + ms, then });
  const delivery = new Delivery({
    send: (message) => {
      if (!world.hostThere) return false;
      const { records } = structuredClone(/** @type {any} */ (message));
      later(0, () => {
        world.stored.push(...records);
        delivery.acknowledged(records.map((/** @type {any} */ r) => ({ id: r.id })));
      });
      return true;
    },
    storage: {
      get: async (k) => (disk.has(k) ? { [k]: structuredClone(disk.get(k)) } : {}),
      set: async (items) => {
        for (const [k, v] of Object.entries(items)) disk.set(k, structuredClone(v));
      },
      remove: async (k) => void disk.delete(k),
      getKeys: async () => [...disk.keys()],
    },
    now: world.now,
    later,
    unique: () => `b${disk.size}`,
    onKept: (ids) => recording.kept(ids),
    onStored: (record, verdict) => {
      documents.seen(record);
      state.tally.judged(record, verdict);
    },
    read: (key, entry) => recording.entry(key, entry),
    instead: (record) => recording.undelivered(record),
    unreadable: (key) => recording.unreadable(key),
  });
  const recording = new Recording({
    state, documents, delivery, standIn: (tab) => state.standIns.has(tab), now: world.now, later,
    called: () => {}, queued: () => {}, changed: () => {}, taken: () => {}, asked: () => {}, step: () => {}, reported: () => {}, left: () => {},
  });
  const ends = new Ends({ recording, delivery, documents, now: world.now, later, complain: (e) => void world.problems.push(e) });
  delivery.connected();
  return { world, recording, delivery, ends, disk };
}

/**
 * A document with its relay, as the background sees them.
 * @param {ReturnType<typeof bench>} bench
 * @param {{n?: number, url?: string, tab?: number, frame?: number, origin?: string, title?: string, incognito?: boolean}} [where]
 */
export function page({ recording, world }, { n = 1, url = 'https://shop.example/', tab = 1, frame = 0, origin, title = 'Shop', incognito = false } = {}) {
  const document = uuid(n);
  let seq = 0;
  /** @type {import('../recording.js').Connection | undefined} */
  let port;
  const relay = {
    document,
    url,
    title,
    /** @type {any[]} */ heard: [],
    /** The last message on what may be recorded. */
    get watch() { return relay.heard.findLast((m) => m.type === 'watch'); },
    /** @type {number[]} */ acknowledged: [],
    connect(/** @type {object} */ over = {}) {
      const sender = { tab, frame, document: `browser's ${n}`, url: relay.url, origin: origin ?? new URL(url).origin, incognito, began: 0, ...over };
      port = connection(sender, (m) => {
        relay.heard.push(m);
        const { type, seqs } = /** @type {any} */ (m);
        if (type === 'ack') relay.acknowledged.push(...seqs);
      });
      recording.connect(port);
      return relay;
    },
    /** @param {string} kind @param {object} own */
    record: (kind, own) => {
      seq++;
      return JSON.stringify({
        v: 1, kind, id: `${document}/${seq}`, seq, time: new Date(world.now()).toISOString(), document, url: relay.url,
        ...frame === 0 ? { top_url: relay.url, title: relay.title } : {}, ...own,
      });
    },
    /** @param {object} message */
    say: (message) => recording.heard(/** @type {any} */ (port), message),
    /** @param {string[]} records @param {object} [more] */
    send: (records, more) => relay.say({ type: 'records', paused: false, going: false, records, ...more }),
    opened: () => relay.send([
      relay.record('page', { event: 'opened', hooked_from_start: true }),
      relay.record('page', { event: 'hooked', hooked_from_start: true }),
    ]),
    /** @param {string} name @param {object} [more] */
    call: (name, more) => relay.send([relay.record('call', { args: [name, {}, {}] })], more),
    /** Closes the port, as when it breaks or the page is left. */
    lose: () => recording.gone(/** @type {any} */ (port)),
  };
  return relay;
}
