// @ts-check
// Service worker (Chromium) and event page (Firefox): takes the relays' records,
// adds what only the browser knows, and hands them to the native host. It may be
// stopped at any moment; what must survive is in storage or still with a relay.

import './messages.js';
import { Delivery, SPOOL } from './delivery.js';
import { Documents } from './documents.js';
import { Host } from './host.js';
import { say } from './i18n.js';
import { storedSettings } from './settings.js';
import { Tally } from './tally.js';
import { pausedGap, siteOf, Watching } from './watching.js';

const { readRelay, readRecord } = /** @type {Messages} */ (/** @type {any} */ (globalThis).userlikeInspectorMessages);

const HOST_NAME = 'userlike_inspector';
const RETRY_ALARM = 'retry';

/** Their ports, by document. @type {Map<string, chrome.runtime.Port>} */
const ports = new Map();
/** What the top documents say, by tab. @type {Map<number, {url?: string, title?: string}>} */
const tops = new Map();

const documents = new Documents();
let tally = new Tally();
let watching = new Watching();
const restored = chrome.storage.session.get(['tally', 'standIns', 'paused']).then(async (saved) => {
  if (Array.isArray(saved.tally)) tally = new Tally(saved.tally);
  if (Array.isArray(saved.standIns)) for (const tab of saved.standIns) standIns.add(tab);
  if (saved.paused) watching = new Watching(/** @type {any} */ (saved.paused));
  await applySettings();
});

/** Tabs whose tester wants a stand-in where the site has no handler. @type {Set<number>} */
const standIns = new Set();

/**
 * A connected relay, and what it has said of calls that it counts alone.
 * @typedef {object} Relay
 * @property {chrome.runtime.Port} port
 * @property {import('./watching.js').Where} where
 * @property {{document: string, seq: number, calls: number}} unrecorded
 */
/** @type {Set<Relay>} */
const relays = new Set();
/** Those that have gone and left calls untold. @type {Set<Relay>} */
const unfinished = new Set();

/** The host's word on its store. */
let store = { ok: true, message: '' };

/** @param {number} ms @param {() => void} then */
const later = (ms, then) => void setTimeout(then, ms);

/** @param {() => boolean} holds */
const until = async (holds) => {
  while (!holds()) await new Promise((resolve) => later(20, () => resolve(undefined)));
};

const browserInfo = async () => {
  /** @type {any} */
  const { runtime } = chrome;
  if (runtime.getBrowserInfo) {
    const { name, version } = await runtime.getBrowserInfo();
    return { name, version };
  }
  /** @type {{brand: string, version: string}[]} */
  const brands = /** @type {any} */ (navigator).userAgentData?.brands ?? [];
  // Besides its own name a browser says "Chromium" and one that means nothing.
  const named = brands.filter((b) => !/not.*brand/i.test(b.brand));
  const own = named.find((b) => b.brand !== 'Chromium') ?? named[0];
  const full = await /** @type {any} */ (navigator).userAgentData?.getHighEntropyValues(['fullVersionList']);
  const version = full?.fullVersionList?.find((/** @type {any} */ b) => b.brand === own?.brand)?.version;
  return { name: own?.brand ?? 'Chromium', version: version ?? own?.version ?? '' };
};

/** A random id of this installation; it names no person. */
const profile = async () => {
  const saved = await chrome.storage.local.get('profile');
  if (typeof saved.profile === 'string') return saved.profile;
  const id = crypto.randomUUID();
  await chrome.storage.local.set({ profile: id });
  return id;
};

const host = new Host({
  connect: () => chrome.runtime.connectNative(HOST_NAME),
  // Firefox says it at the port.
  lastError: (port) => chrome.runtime.lastError?.message ?? /** @type {any} */ (port).error?.message ?? '',
  hello: async () => ({
    extension: chrome.runtime.getManifest().version,
    browser: { ...(await browserInfo()), profile: await profile() },
  }),
  later,
  onChange: () => {
    if (host.state === 'ready') {
      delivery.connected();
      if (host.standIn) for (const { port } of relays) tell(port, { type: 'stand-in', on: true });
    } else if (host.state !== 'connecting') {
      delivery.disconnected();
    }
    remind();
  },
  onMessage: (message) => {
    if (message?.type === 'ack' && Array.isArray(message.records)) {
      delivery.acknowledged(message.records);
      remind();
    }
    if (message?.type === 'finish') void finish();
    if (message?.type === 'store') store = { ok: message.ok === true, message: String(message.message ?? '') };
  },
});

const delivery = new Delivery({
  send: (message) => host.send(message),
  storage: /** @type {any} */ (chrome.storage.local),
  now: () => Date.now(),
  later,
  unique: () => crypto.randomUUID(),
  onKept: (ids) => {
    /** @type {Map<string, number[]>} */
    const byDocument = new Map();
    for (const id of ids) {
      const slash = id.lastIndexOf('/');
      const seqs = byDocument.get(id.slice(0, slash)) ?? [];
      seqs.push(Number(id.slice(slash + 1)));
      byDocument.set(id.slice(0, slash), seqs);
    }
    for (const [document, seqs] of byDocument) tell(ports.get(document), { type: 'ack', seqs });
  },
  onStored: (record, verdict) => {
    documents.seen(record); // it may have come by the storage
    tally.judged(record, verdict);
    changed(record.tab);
  },
});

/**
 * @param {chrome.runtime.Port | undefined} port
 * @param {object} message
 */
const tell = (port, message) => {
  try {
    port?.postMessage(message);
  } catch {
    // The page has gone. Its relay needs no answer any more.
  }
};

/** @type {boolean | undefined} */
let reminded;
/** While something waits, the browser wakes us even if it stopped us. */
const remind = () => {
  if (reminded === !delivery.idle) return;
  reminded = !delivery.idle;
  if (reminded) void chrome.alarms.create(RETRY_ALARM, { periodInMinutes: 0.5 });
  else void chrome.alarms.clear(RETRY_ALARM);
};

/** Tabs whose badge is out of date. @type {Set<number>} */
const stale = new Set();

/** @param {number | undefined} tab */
const changed = (tab) => {
  if (tab === undefined) return;
  if (stale.size === 0) later(100, refresh);
  stale.add(tab);
};

const refresh = () => {
  for (const tabId of stale) {
    const paused = [...relays].some(({ where }) => where.tab === tabId && watching.of(where).paused !== '');
    const { text, color, title } = tally.badge(tabId, paused, say);
    const gone = () => undefined; // the tab was closed meanwhile
    chrome.action.setBadgeText({ tabId, text }).catch(gone);
    chrome.action.setBadgeBackgroundColor({ tabId, color }).catch(gone);
    chrome.action.setTitle({ tabId, title }).catch(gone);
  }
  stale.clear();
  void chrome.storage.session.set({ tally: tally.save() });
};

/**
 * @param {number} tab
 * @param {boolean} on
 */
const setStandIn = (tab, on) => {
  if (on) standIns.add(tab);
  else standIns.delete(tab);
  void chrome.storage.session.set({ standIns: [...standIns] });
  for (const { port, where } of relays) {
    if (where.tab === tab) tell(port, { type: 'stand-in', on: on || host.standIn });
  }
};

// ---- What may be recorded

/** @param {Relay} relay */
const tellWatch = ({ port, where }) => {
  const { excluded, paused } = watching.of(where);
  tell(port, { type: 'watch', excluded: excluded !== '', paused: paused !== '', limits: watching.limits });
};

/** The last of the changes below, which go one after the other. */
let restricting = Promise.resolve();

/** Has relays wait for leave to record, or not. @param {boolean} on */
const restrict = (on) => {
  restricting = restricting.then(async () => {
    const there = await chrome.scripting.getRegisteredContentScripts({ ids: ['restricted'] });
    if (on === there.length > 0) return;
    if (!on) return chrome.scripting.unregisterContentScripts({ ids: ['restricted'] });
    /** @type {any} */
    const script = {
      id: 'restricted', js: ['restricted.js'], matches: ['<all_urls>'], runAt: 'document_start', allFrames: true, matchOriginAsFallback: true,
    };
    return chrome.scripting.registerContentScripts([script]);
  }).catch((e) => console.error('relays record before they have leave to', e));
  return restricting;
};

/** What may be recorded has changed: everybody is told. */
const watchChanged = async () => {
  for (const relay of relays) {
    tellWatch(relay);
    changed(relay.where.tab);
  }
  await restrict(!watching.free);
};

const applySettings = async () => {
  watching.apply(await storedSettings());
  await watchChanged();
};

/**
 * @param {number | string} what a tab or a site
 * @param {boolean} on
 */
const pause = (what, on) => {
  watching.pause(what, on);
  void chrome.storage.session.set({ paused: watching.save() });
  void watchChanged();
};

/** The address in a tab's address bar, where it is known. @param {number} id */
const whereIs = async (id) => {
  const tab = await chrome.tabs.get(id).catch(() => undefined); // closed meanwhile
  return { tab: id, address: tab?.url ?? '', incognito: tab?.incognito === true };
};

/** Records what a relay would have told of calls that it counted. @param {Relay} relay */
const tellFor = (relay) => {
  if (!unfinished.delete(relay)) return;
  const { port: { sender }, where: { tab, address: url }, unrecorded: { document, seq, calls } } = relay;
  take([pausedGap({ tab, frame: sender?.frameId, document, url, top_url: url }, `${document}/${seq}`, seq, calls)]);
};

/** @param {any[]} records */
const take = (records) => {
  for (const record of records) documents.seen(record);
  for (const record of delivery.add(records)) tally.seen(record);
  host.start();
  remind();
};

/**
 * Tells the host when it has all that pages have said, after the last of them
 * has been closed. The browser ends this extension then, and a machine may be
 * busy: what was said is known to be here when its page's port is closed, and
 * what the page wrote to the storage as it went is there before we ask.
 */
const finish = async () => {
  await until(() => relays.size === 0);
  await delivery.find();
  await until(() => delivery.idle);
  for (const relay of unfinished) tellFor(relay);
  take(documents.closeAll(new Date().toISOString()));
  await until(() => delivery.idle);
  host.send({ type: 'finished' });
};

// ---- Listeners: registered while the script runs, or events are missed

chrome.runtime.onConnect.addListener((port) => {
  if (port.name !== 'relay') return;
  const { tab, frameId } = port.sender ?? {};
  const place = { tab: tab?.id, frame: frameId };
  if (tab?.id !== undefined && !tops.has(tab.id)) tops.set(tab.id, { url: tab.url, title: tab.title });
  let document = '';
  const address = (frameId === 0 ? port.sender?.url : tab?.url) ?? '';
  /** @type {Relay} */
  const relay = { port, where: { tab: tab?.id, address, incognito: tab?.incognito === true }, unrecorded: { document, seq: 0, calls: 0 } };
  relays.add(relay);
  tell(port, { type: 'place', place });
  void restored.then(() => {
    tellWatch(relay);
    if (watching.of(relay.where).paused) changed(place.tab);
    if (host.standIn || (place.tab !== undefined && standIns.has(place.tab))) tell(port, { type: 'stand-in', on: true });
  });

  port.onMessage.addListener(async (said) => {
    const message = readRelay(said);
    if (message?.type === 'unrecorded') relay.unrecorded = message;
    if (message?.type !== 'records') return;
    await restored;
    const { excluded, paused } = watching.of(relay.where);
    if (excluded) return;
    const records = message.records.map(readRecord).filter((record) => record !== null).map((own) => {
      const record = { ...own, ...place };
      if (place.tab !== undefined) {
        if (frameId === 0) tops.set(place.tab, { url: record.url, title: record.title });
        if (paused) return record;
        record.top_url ??= tops.get(place.tab)?.url;
        record.title ??= tops.get(place.tab)?.title;
      }
      return record;
    });
    for (const record of records) {
      if (record.document !== document) {
        document = record.document;
        ports.set(document, port);
      }
    }
    if (!paused || message.paused) {
      take(records);
    } else if (message.going) {
      // The relay has not heard that it is paused; else it sends again what it may.
      const [first] = records;
      const calls = records.filter((/** @type {any} */ r) => r.kind === 'call').length;
      if (calls > 0) take([pausedGap(first, first.id, first.seq, calls)]);
    }
    changed(place.tab);
  });
  port.onDisconnect.addListener(() => {
    void chrome.runtime.lastError;
    if (ports.get(document) === port) ports.delete(document);
    relays.delete(relay);
    if (relay.unrecorded.calls === 0) return;
    unfinished.add(relay);
    later(2000, () => tellFor(relay)); // by then a page that ends in order has done so itself
  });
});

/** @param {import('./watching.js').Where & {tab: number}} where */
const status = (where) => {
  let unrecorded = 0;
  for (const relay of relays) if (relay.where.tab === where.tab) unrecorded += relay.unrecorded.calls;
  return {
    version: chrome.runtime.getManifest().version,
    host: { state: host.state, message: host.message, version: host.version, update: host.update },
    store,
    waiting: delivery.waiting,
    problem: delivery.problem,
    tab: tally.of(where.tab),
    standIn: host.standIn || standIns.has(where.tab),
    watch: watching.of(where),
    site: siteOf(where.address),
    unrecorded,
  };
};

chrome.runtime.onMessage.addListener((message, sender, answer) => {
  if (!sender.url?.startsWith(chrome.runtime.getURL(''))) return false; // only our own pages ask
  if (message?.type === 'apply options') {
    void restored.then(applySettings).then(() => answer(true));
    return true;
  }
  if (message?.type === 'stand-in') setStandIn(message.tab, message.on === true);
  host.start();
  void Promise.all([whereIs(message.tab), restored]).then(([where]) => {
    if (message?.type === 'pause tab') pause(where.tab, message.on === true);
    if (message?.type === 'pause site' && siteOf(where.address)) pause(siteOf(where.address), message.on === true);
    changed(where.tab);
    answer(status(where));
  });
  return true;
});

chrome.storage.local.onChanged.addListener((changes) => {
  for (const key of Object.keys(changes)) {
    if (key.startsWith(SPOOL) && changes[key]?.newValue !== undefined) delivery.found(key);
  }
  remind();
});

chrome.storage.onChanged.addListener((changes, area) => {
  if (area === 'managed' || (area === 'local' && changes.options)) void restored.then(applySettings);
});

chrome.tabs.onRemoved.addListener((tab) => {
  tops.delete(tab);
  standIns.delete(tab);
  if (watching.of({ tab, address: '', incognito: false }).paused) pause(tab, false);
  // What its documents said last may still be on its way: that they could not
  // say their end is known when all is stored.
  const time = new Date().toISOString();
  later(2000, async () => {
    await until(() => ![...relays].some(({ where }) => where.tab === tab));
    tally.forget(tab);
    await delivery.find();
    await delivery.drained();
    take(documents.closeTab(tab, time));
  });
});

chrome.alarms.onAlarm.addListener(() => {
  host.start();
});

/** Runs in a document: whether our scripts are at work there. */
const isOurs = () => {
  const relay = /** @type {any} */ (globalThis).userlikeInspectorRelay;
  return relay?.document === document && relay.alive();
};

// Chromium does not run content scripts in pages that were open before. Where
// they do run (pages that come up meanwhile) they are not run again: what they
// do to find each other could be heard by the page, which has begun by then.
chrome.runtime.onInstalled.addListener(async () => {
  /** @type {any[]} */
  const scripts = chrome.runtime.getManifest().content_scripts ?? [];
  /** @param {any} script @returns {Promise<any[]>} */
  const run = (script) =>
    chrome.scripting.executeScript({ ...script, injectImmediately: true }).catch(() => []); // a page of the browser's own
  for (const { id: tabId } of await chrome.tabs.query({})) {
    if (tabId === undefined) continue;
    for (const { result: ours, documentId, frameId } of await run({ target: { tabId, allFrames: true }, func: isOurs })) {
      if (ours === true) continue;
      const target = documentId === undefined ? { tabId, frameIds: [frameId] } : { tabId, documentIds: [documentId] };
      for (const { js, world } of scripts) await run({ target, files: js, world });
    }
  }
});

chrome.runtime.onStartup.addListener(() => undefined); // starts us with the browser

host.start();
void delivery.find().then(remind);
