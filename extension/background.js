// @ts-check
// Service worker (Chromium) and event page (Firefox): takes records from the relays,
// adds what only the browser knows, and passes them to the native host. The browser
// may stop it at any moment; what must survive is in storage or still with a relay.
//
//   relay.js ── port ──▶ recording.js ──▶ delivery.js ──▶ host.js ──▶ the native host
//                        where and whether (tabs.js, scope.js, quota.js)    ▲
//   requests, queues ──▶ following.js ─────────────────────────────────────────┘
//                        tally.js ──▶ badge, popup
//
// This file only connects the others with the browser. Every event passes the gate:
// it is handled after the state from before the last stop has been restored.

import { Badge } from './badge.js';
import { Delivery, SPOOL } from './delivery.js';
import { Documents } from './documents.js';
import { Ends } from './ends.js';
import { Following } from './following.js';
import { createGate } from './gate.js';
import { Host } from './host.js';
import { browserInfo, profile } from './identity.js';
import { keep, keepLost, keepWishes, nothingYet, restore } from './memory.js';
import { connection, Recording } from './recording.js';
import { siteOf } from './records.js';
import { Simulations } from './simulation.js';
import { inject, restrict } from './scripting.js';
import { storedSettings } from './settings.js';

const HOST_NAME = 'userlike_inspector';
const RETRY_ALARM = 'retry';
const MOVED = 300;

const now = () => Date.now();
/** @param {number} ms @param {() => void} then */
const later = (ms, then) => void setTimeout(then, ms);
/** @param {unknown} problem */
const complain = (problem) => console.error(problem);

const state = nothingYet();
const documents = new Documents();
/** What the host last said about its store. */
let store = { ok: true, message: '' };
/** What the host last said about each tab's page. @type {Map<number, import('./diagnosis.js').PageState>} */
const pages = new Map();

/** @param {number | undefined} tab */
const standIn = (tab) => host.standIn || (tab !== undefined && state.standIns.has(tab));

const host = new Host({
  connect: () => chrome.runtime.connectNative(HOST_NAME),
  // Firefox puts the error on the port: https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/API/runtime/Port
  lastError: (port) => chrome.runtime.lastError?.message ?? /** @type {any} */ (port).error?.message ?? '',
  hello: async () => ({
    extension: chrome.runtime.getManifest().version,
    browser: { ...(await browserInfo()), profile: await profile() },
    ...state.scope.trace.length > 0 ? { trace: state.scope.trace } : {},
  }),
  later,
  onChange: () => {
    if (host.state === 'ready') {
      delivery.connected();
      following.connected();
      if (host.standIn) recording.standInChanged();
    } else if (host.state !== 'connecting') {
      delivery.disconnected();
      following.disconnected();
      pages.clear();
    }
    remind();
  },
  onMessage: (message) => {
    if (message?.type === 'ack' && Array.isArray(message.records)) {
      delivery.acknowledged(message.records);
      remind();
    }
    if (message?.type === 'settled' && Array.isArray(message.candidates)) following.settled(message.candidates);
    if (message?.type === 'ask-pages') simulations.ask(message.id);
    if (message?.type === 'cancel') simulations.cancel(message.id);
    if (message?.type === 'simulate') simulations.begin(/** @type {any} */ (message));
    if (message?.type === 'finish') {
      void ends.finish().then(() => {
        following.flush();
        host.send({ type: 'finished' });
      });
    }
    if (message?.type === 'page') pages.set(message.tab, { state: message.state, severity: message.severity, lost: message.lost });
    if (message?.type === 'store') store = { ok: message.ok === true, message: String(message.message ?? '') };
  },
});

const delivery = new Delivery({
  send: (message) => host.send(message),
  storage: /** @type {any} */ (chrome.storage.local),
  now,
  later,
  unique: () => crypto.randomUUID(),
  onKept: (ids) => recording.kept(ids),
  onStored: (record, verdict) => {
    documents.seen(record); // it may have come through the storage
    state.tally.judged(record, verdict);
    badge.changed(record.tab);
  },
  read: (key, entry) => recording.entry(key, entry),
  instead: (record) => recording.undelivered(record),
  unreadable: (key) => recording.unreadable(key),
});

const badge = new Badge({
  later,
  text: (tab, say) => state.tally.badge(tab, recording.paused(tab), say),
  shown: () => void keep(state).catch(complain),
});

const recording = new Recording({
  state, documents, delivery, standIn, now, later,
  called: (record, incognito) => following.called(record, incognito),
  queued: (relay, message) => following.queued(relay, message),
  asked: (relay, message) => simulations.asked(relay, message),
  step: (relay, message) => simulations.step(relay, message),
  reported: (relay) => following.reported(relay),
  left: (relay) => {
    simulations.gone(relay);
    following.reported(relay);
  },
  changed: (tab) => badge.changed(tab),
  taken: () => {
    host.start();
    remind();
  },
});

const simulations = new Simulations({ connections: () => recording.connections(), send: (message) => host.send(message), later });

const following = new Following({
  state, recording, now, later,
  keep: () => void keep(state).catch(complain),
  keepLost: (lost) => void keepLost(lost).catch(complain),
  send: (message) => host.send(message),
  unique: () => crypto.randomUUID(),
  own: chrome.runtime.getURL(''),
});

const ends = new Ends({ recording, delivery, documents, now, later, complain });

/** @type {boolean | undefined} */
let reminded;
/** While something waits for the host, an alarm makes the browser start us again after it stopped us. */
const remind = () => {
  if (reminded === !delivery.idle) return;
  reminded = !delivery.idle;
  if (reminded) void chrome.alarms.create(RETRY_ALARM, { periodInMinutes: 0.5 });
  else void chrome.alarms.clear(RETRY_ALARM);
};

// ---- What the tester wants

/** The end of the queue of the tester's requests. They are handled one after the other, so that each answer is up to date. */
let last = Promise.resolve();

/** @template T @param {() => Promise<T>} wish @returns {Promise<T>} */
const inTurn = (wish) => {
  const turn = last.then(wish);
  last = turn.then(() => undefined, complain);
  return turn;
};

/** What may be recorded has changed. Relays that are not connected will ask before they record. */
const watchChanged = async () => {
  recording.watchChanged();
  await restrict(!state.scope.free);
};

const applySettings = async () => {
  const trace = String(state.scope.trace);
  state.scope.apply(await storedSettings());
  if (String(state.scope.trace) !== trace) host.again(); // the hello tells the host of them
  await watchChanged();
};

/**
 * Pauses or resumes a tab or a site. The change is in force when this resolves.
 * @param {number | string} what
 * @param {boolean} on
 */
const pause = async (what, on) => {
  state.scope.pause(what, on, now());
  await Promise.all([watchChanged(), keepWishes(state)]);
};

/** @param {number} tab @param {boolean} on */
const setStandIn = async (tab, on) => {
  if (on) state.standIns.add(tab);
  else state.standIns.delete(tab);
  await keepWishes(state);
  recording.standInChanged(tab);
};

/**
 * Does what the popup asks for, and returns the status for it.
 * @param {{type?: string, tab?: number, on?: boolean}} message
 * @returns {Promise<import('./diagnosis.js').Status>}
 */
const answerPopup = async ({ type, tab: id = -1, on = false }) => {
  const tab = await chrome.tabs.get(id).catch(() => undefined); // the tab was closed meanwhile
  if (tab?.url !== undefined) state.tabs.shows(id, { url: tab.url, title: tab.title });
  const where = { tab: id, top: recording.pageOf(id), others: [], incognito: tab?.incognito === true };
  const site = siteOf(where.top);
  host.start();
  if (type === 'stand-in') await setStandIn(id, on);
  if (type === 'pause tab') await pause(id, on);
  if (type === 'pause site' && site !== '') await pause(site, on);
  badge.changed(id);
  return {
    version: chrome.runtime.getManifest().version,
    host: { state: host.state, message: host.message, version: host.version, update: host.update },
    store,
    waiting: delivery.waiting,
    problem: delivery.problem,
    tab: state.tally.of(id),
    page: pages.get(id) ?? null,
    standIn: standIn(id),
    watch: state.scope.of(where),
    follow: state.scope.follow,
    site,
    unrecorded: recording.unrecorded(id),
  };
};

// ---- Listeners: they must be registered while the script first runs, or events are missed

const pass = createGate(async () => {
  const lost = await restore(state);
  await restrict(!state.scope.free);
  following.restored(lost); // last, as all of this is done again if it fails
}, later, complain);

chrome.runtime.onConnect.addListener((port) => {
  const { sender } = port;
  const began = /^relay (\d+)$/.exec(port.name)?.[1];
  if (began === undefined || sender === undefined) return;
  const { tab, frameId, documentId = '', url = '', origin = '' } = sender;
  const relay = connection({
    tab: tab?.id, frame: frameId, document: documentId, url, origin, incognito: tab?.incognito === true, began: Number(began),
  }, (message) => {
    try {
      port.postMessage(message);
    } catch {
      // The page has gone. Its relay needs no answer any more.
    }
  });
  port.onMessage.addListener(pass((message) => recording.heard(relay, message)));
  const gone = pass(() => recording.gone(relay));
  port.onDisconnect.addListener(() => {
    void chrome.runtime.lastError;
    void gone();
  });
  void pass(() => {
    if (tab?.id !== undefined) state.tabs.shows(tab.id, { url: tab.url, title: tab.title });
    recording.connect(relay);
  })();
});

const FOLLOWED_ADDRESSES = ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*'];
const requested = pass((/** @type {any} */ details) => following.request(details));
const answered = pass((/** @type {any} */ details) => following.answered(details));
chrome.webRequest.onBeforeRequest.addListener((details) => {
  void requested(details);
  return undefined; // the request goes on unchanged
}, { urls: FOLLOWED_ADDRESSES }, ['requestBody']);
// Not onCompleted: a page knows of an answer, and may send the request again, before all of it has come.
chrome.webRequest.onHeadersReceived.addListener((details) => {
  void answered(details);
  return undefined;
}, { urls: FOLLOWED_ADDRESSES });
chrome.webRequest.onErrorOccurred.addListener(pass((/** @type {any} */ details) => following.failed(details)), { urls: FOLLOWED_ADDRESSES });

/** @typedef {(answer: unknown) => void} Answer */
const toPopup = pass((/** @type {object} */ message, /** @type {Answer} */ answer) => inTurn(() => answerPopup(message)).then(answer));
const toOptions = pass((/** @type {object} */ _, /** @type {Answer} */ answer) => inTurn(applySettings).then(() => answer(true)));
chrome.runtime.onMessage.addListener((message, sender, answer) => {
  if (!sender.url?.startsWith(chrome.runtime.getURL(''))) return false; // only our own pages ask
  void (message?.type === 'apply options' ? toOptions : toPopup)(message, answer);
  return true;
});

chrome.storage.local.onChanged.addListener(pass((changes) => {
  for (const key of Object.keys(changes)) {
    if (key.startsWith(SPOOL) && changes[key]?.newValue !== undefined) delivery.found(key);
  }
  remind();
}));

const optionsChanged = pass(() => inTurn(applySettings));
chrome.storage.onChanged.addListener((changes, area) => {
  if (area === 'managed' || (area === 'local' && changes.options)) void optionsChanged();
});

chrome.tabs.onCreated.addListener(pass(({ id, openerTabId }) => {
  if (id !== undefined && openerTabId !== undefined) state.tabs.opened(id, openerTabId);
}));

chrome.tabs.onUpdated.addListener(pass((id, { url, title }, { incognito }) => {
  if (url === undefined && title === undefined) return;
  state.tabs.shows(id, { url, title });
  if (url === undefined) return;
  // The new address may be that of the next document, while the old one is still there and
  // may still send records. After this time the old one has gone.
  later(MOVED, pass(() => moved(id, url, incognito)));
}));

/** @param {number} id @param {string} url @param {boolean} incognito */
const moved = (id, url, incognito) => {
  if (state.tabs.top(id).url !== url) return;
  recording.moved(id);
  // A document that was excluded at its previous address has no relay any more.
  if (!state.scope.open && !state.scope.of({ tab: id, top: recording.pageOf(id), others: [], incognito }).excluded) return inject(id);
};

chrome.tabs.onRemoved.addListener(pass((tab) => {
  state.tabs.removed(tab);
  state.tally.forget(tab);
  pages.delete(tab);
  state.standIns.delete(tab);
  void inTurn(() => pause(tab, false));
  return ends.closed(tab);
}));

chrome.alarms.onAlarm.addListener(pass(() => host.start()));

// Chromium does not run content scripts in pages that were open before:
// https://github.com/fregante/webext-inject-on-install
chrome.runtime.onInstalled.addListener(pass(async () => {
  for (const { id } of await chrome.tabs.query({})) if (id !== undefined) await inject(id);
}));

chrome.runtime.onStartup.addListener(() => undefined); // starts us with the browser

void pass(async () => {
  host.start();
  await delivery.find();
  remind();
})();
