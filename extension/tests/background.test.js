// @ts-check
// Runs background.js with a fake browser: which events it listens to, and that it handles
// none of them before it has restored what it knew before the browser stopped it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';

/** An event of the browser. */
const event = () => {
  /** @type {((...values: any[]) => any)[]} */
  const listeners = [];
  return {
    listeners,
    addListener: (/** @type {any} */ f) => void listeners.push(f),
    fire: (/** @type {any[]} */ ...values) => listeners.map((f) => f(...values)),
  };
};

/** @type {Record<string, any>} */
const session = { pauses: [{ what: 7, since: 1, until: null }], standIns: [8] };
/** Reads of the session storage that wait until the test lets them end. @type {(() => void)[]} */
const restoring = [];
let broken = 1; // how many of these reads fail

/** @param {Record<string, any>} kept @param {boolean} slow */
const area = (kept, slow) => ({
  get: (/** @type {string | string[]} */ keys) => new Promise((resolve, reject) => {
    const give = () => {
      if (slow && broken-- > 0) return reject(new Error('the storage is busy'));
      resolve(structuredClone(Object.fromEntries([keys].flat().filter((k) => k in kept).map((k) => [k, kept[k]]))));
    };
    if (slow) restoring.push(give);
    else give();
  }),
  set: async (/** @type {object} */ items) => void Object.assign(kept, structuredClone(items)),
  remove: async (/** @type {string} */ key) => void delete kept[key],
  getKeys: async () => Object.keys(kept),
  onChanged: event(),
});

/** Scripts that are registered. @type {any[]} */
let registered = [];
/** @type {any[]} */
const hostPorts = [];
/** @type {any} */
const chrome = {
  runtime: {
    id: 'us',
    getBrowserInfo: async () => ({ name: 'Browser', version: '1' }),
    onConnect: event(), onMessage: event(), onInstalled: event(), onStartup: event(),
    getManifest: () => ({ version: '1', content_scripts: [] }),
    getURL: (/** @type {string} */ path) => `chrome-extension://us/${path}`,
    connectNative: () => {
      const port = {
        sent: /** @type {any[]} */ ([]),
        onMessage: event(),
        onDisconnect: event(),
        postMessage: (/** @type {any} */ m) => void port.sent.push(m),
        disconnect: () => {},
      };
      hostPorts.push(port);
      return port;
    },
  },
  storage: { session: area(session, true), local: area({}, false), managed: { get: async () => ({}) }, onChanged: event() },
  tabs: {
    onCreated: event(), onUpdated: event(), onRemoved: event(), query: async () => [],
    get: async (/** @type {number} */ id) => ({ id, url: 'https://shop.example/', title: 'Shop', incognito: false }),
  },
  webRequest: { onBeforeRequest: event(), onHeadersReceived: event(), onErrorOccurred: event() },
  alarms: { onAlarm: event(), create: () => {}, clear: () => {} },
  scripting: {
    getRegisteredContentScripts: async () => registered,
    registerContentScripts: async (/** @type {any[]} */ scripts) => void (registered = scripts),
    unregisterContentScripts: async () => void (registered = []),
    executeScript: async () => [],
  },
  action: { setBadgeText: async () => {}, setBadgeBackgroundColor: async () => {}, setTitle: async () => {} },
  i18n: { getMessage: (/** @type {string} */ key) => key },
};

/** @type {any} */ (globalThis).chrome = chrome;
// The background's timers must not keep the test's process alive.
const { setTimeout } = globalThis;
/** @type {any} */ (globalThis).setTimeout = (/** @type {() => void} */ then, /** @type {number} */ ms) => setTimeout(then, ms).unref();
const complaints = test.mock.method(console, 'error', () => {});
await import('../background.js');
/**
 * How many listeners each event has when the script has run. A browser that wakes the
 * background for an event drops it if there is no listener by then:
 * https://developer.chrome.com/docs/extensions/develop/concepts/service-workers/events
 */
const listenedTo = [
  chrome.runtime.onConnect, chrome.runtime.onMessage, chrome.runtime.onInstalled, chrome.runtime.onStartup, chrome.storage.onChanged,
  chrome.storage.local.onChanged, chrome.tabs.onCreated, chrome.tabs.onUpdated, chrome.tabs.onRemoved, chrome.alarms.onAlarm,
  chrome.webRequest.onBeforeRequest, chrome.webRequest.onHeadersReceived, chrome.webRequest.onErrorOccurred,
].map((e) => e.listeners.length);

/** Lets everything happen that needs no timer. */
const turns = async () => {
  for (let i = 0; i < 50; i++) await setImmediate();
};

/** @param {() => boolean} holds */
const until = async (holds) => {
  for (const end = Date.now() + 10_000; !holds(); await setImmediate()) assert.ok(Date.now() < end, 'in vain');
};

/** Connects a relay's port from a tab. @param {number} tab */
const connect = (tab) => {
  const port = {
    name: 'relay 0',
    heard: /** @type {any[]} */ ([]),
    onMessage: event(),
    onDisconnect: event(),
    postMessage: (/** @type {any} */ m) => void port.heard.push(m),
    sender: {
      id: 'us',
      tab: { id: tab, url: 'https://shop.example/', title: 'Shop' },
      frameId: 0,
      documentId: `d${tab}`,
      url: 'https://shop.example/',
      origin: 'https://shop.example',
    },
  };
  chrome.runtime.onConnect.fire(port);
  return port;
};

/** Sends a message of the popup and returns the answer. @param {object} message */
const ask = (message) => new Promise((answer) => {
  assert.deepEqual(chrome.runtime.onMessage.fire(message, { url: 'chrome-extension://us/popup.html' }, answer), [true]);
});

const documentId = '01234567-89ab-4def-8123-456789abcdef';
/** @param {number} seq @param {string} kind @param {object} own */
const record = (seq, kind, own) => JSON.stringify({
  v: 1, kind, id: `${documentId}/${seq}`, seq, time: new Date().toISOString(), document: documentId, url: 'https://shop.example/', title: 'Shop', ...own,
});

test('listeners are there when the script has run', () => {
  assert.deepEqual(listenedTo, Array(13).fill(1));
});

test('nothing is recorded before the pauses are known, also if the storage is slow or fails', async () => {
  const paused = connect(7);
  paused.onMessage.fire({ type: 'records', paused: false, going: true, records: [record(1, 'call', { args: ['secret'] })] });
  const popup = ask({ type: 'status', tab: 7 });
  await turns();
  assert.deepEqual(paused.heard, []);
  assert.equal(hostPorts.length, 0);
  restoring.shift()?.(); // it fails
  await until(() => restoring.length > 0);
  assert.equal(complaints.mock.callCount(), 1);
  assert.deepEqual(paused.heard, []);
  restoring.shift()?.();
  /** @type {any} */
  const status = await popup;
  assert.equal(status.watch.paused, 'tab');
  assert.equal(registered[0]?.id, 'restricted');
  assert.deepEqual(/** @type {any[]} */ (paused.heard).filter((m) => m.type === 'watch').map((m) => m.paused), [true]);
  await until(() => hostPorts.length > 0);
  hostPorts[0].onMessage.fire({ type: 'welcome', protocol: 1, host: '1' });
  await until(() => hostPorts[0].sent.length > 1);
  const [, { records }] = hostPorts[0].sent;
  assert.deepEqual(records.map((/** @type {any} */ r) => [r.kind, r.why, r.tab]), [['gap', 'paused by the tester', 7]]);
});

test('a site that is paused in the popup stays paused, and its pages are told', async () => {
  const relay = connect(9);
  /** @type {any} */
  const status = await ask({ type: 'pause site', tab: 9, on: true });
  assert.equal(status.watch.paused, 'site');
  assert.ok(session.pauses.some((/** @type {any} */ p) => p.what === 'https://shop.example' && p.until === null));
  assert.equal(relay.heard.findLast((m) => m.type === 'watch').paused, true);
  /** @type {any[]} */
  const [, asked] = await Promise.all([ask({ type: 'pause site', tab: 9, on: false }), ask({ type: 'status', tab: 9 })]);
  assert.equal(asked.watch.paused, '');
  assert.equal(relay.heard.findLast((m) => m.type === 'watch').paused, false);
});

test('closing a tab ends its pause', async () => {
  chrome.tabs.onRemoved.fire(7);
  await until(() => session.pauses.every((/** @type {any} */ p) => p.until !== null));
  await until(() => registered.length === 0);
});

test('a tab keeps its stand-in when the background restarts; only our own pages may ask for one', async () => {
  const relay = connect(8);
  await turns();
  assert.ok(relay.heard.some((m) => m.type === 'stand-in' && m.on));
  const sender = { url: 'https://shop.example/' };
  assert.deepEqual(chrome.runtime.onMessage.fire({ type: 'stand-in', tab: 9, on: true }, sender, () => assert.fail()), [false]);
});

test('the popup gets what the host says about the tab\'s page, as long as there is a host', async () => {
  hostPorts[0].onMessage.fire({ type: 'page', tab: 9, state: 'client-held-back', severity: 'info', lost: 0 });
  /** @type {any} */
  const status = await ask({ type: 'status', tab: 9 });
  assert.deepEqual(status.page, { state: 'client-held-back', severity: 'info', lost: 0 });
  hostPorts[0].onDisconnect.fire(hostPorts[0]);
  /** @type {any} */
  const without = await ask({ type: 'status', tab: 9 });
  assert.equal(without.page, null);
});
