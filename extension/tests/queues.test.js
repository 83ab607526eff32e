// @ts-check
// What the hook tells of a page's queues, which are built here as tag managers
// and analytics libraries build theirs.
import assert from 'node:assert/strict';
import test from 'node:test';
import '../messages.js';
import { loadHook } from './load.js';

const { readSaid, readPushed } = /** @type {Messages} */ (/** @type {any} */ (globalThis).userlikeInspectorMessages);

/** @typedef {ReturnType<typeof loadHook>} Page */

/**
 * A page with a handler.
 * @param {string} handler its body; the event's name is "name"
 * @param {string} [before] what ran before
 */
const site = (handler, before = '') => {
  const page = loadHook();
  page.run(`${before};userlikeTrackingEvent = (name, globals, session) => { ${handler} }`);
  page.look();
  return page;
};

/** @param {Page} page @param {string} [event] */
const call = (page, event = 'chat_started') => page.run(`userlikeTrackingEvent(${JSON.stringify(event)}, {client_uuid: 'u'}, {}); 0`);

/**
 * What was said since it was last asked.
 * @param {Page} page
 * @returns {{pushed: any[][], queued: any[], dropped: number}} pushed by call
 */
const heard = (page) => {
  /** @type {{pushed: any[][], queued: any[], dropped: number}} */
  const out = { pushed: [], queued: [], dropped: 0 };
  for (const detail of page.run('page.said.splice(0)')) {
    const said = readSaid(detail);
    assert.ok(said, detail.slice(0, 200));
    if (said.kind === 'done') out.pushed.push(readPushed(said.pushed));
    if (said.kind === 'queued') out.queued.push(...readPushed([said.queued]));
    if (said.kind === 'unqueued') out.dropped += said.count;
  }
  return out;
};

const event = { event: 'chat_started' };
const push = 'dataLayer.push({event: name})';

// As Google's container does: its own push keeps 300 and adds to what it is given.
const google = `
  { let id = 0;
    const push = dataLayer.push;
    dataLayer.push = function () {
      const r = push.apply(dataLayer, [].slice.call(arguments));
      for (const a of arguments) if (typeof a === 'object') a['gtm.uniqueEventId'] = ++id;
      while (dataLayer.length > 300) dataLayer.shift();
      return r;
    }; }`;
const filled = 'var dataLayer = Array.from({length: 300}, (_, i) => ({i}))';

// As Adobe's client data layer does: what is neither getter nor listener is kept.
const adobe = `
  { const push = adobeDataLayer.push;
    adobeDataLayer.push = function (...items) { return push.apply(this, items.filter((i) => typeof i !== 'function')); }; }`;

test('what the handler pushes is told with its call', () => {
  /** @type {[string, string, string, any[]][]} */
  const cases = [
    ['a data layer', push, 'var dataLayer = []', [{ to: 'dataLayer', data: [event] }]],
    ['one that is made then', 'window.dataLayer = window.dataLayer || []; dataLayer.push({event: name})', '', [{ to: 'dataLayer', data: [event] }]],
    ['gtag', '(function () { dataLayer.push(arguments) })("event", name, {value: 1})', 'var dataLayer = []',
      [{ to: 'dataLayer', data: [{ 0: 'event', 1: 'chat_started', 2: { value: 1 } }] }]],
    ['several', 'dataLayer.push({event: name}, {a: 1}); dataLayer.push({b: 2})', 'var dataLayer = [{c: 3}]', [{ to: 'dataLayer', data: [event, { a: 1 }, { b: 2 }] }]],
    ['Google\'s', push, 'var dataLayer = [{"gtm.start": 1}];' + google, [{ to: 'dataLayer', data: [{ ...event, 'gtm.uniqueEventId': 1 }] }]],
    ['Google\'s, full', push, filled + ';' + google, [{ to: 'dataLayer', data: [{ ...event, 'gtm.uniqueEventId': 1 }] }]],
    ['full, several', 'dataLayer.push({a: 1}, {b: 2}, {c: 3})', filled + ';' + google,
      [{ to: 'dataLayer', data: [{ a: 1, 'gtm.uniqueEventId': 1 }, { b: 2, 'gtm.uniqueEventId': 2 }, { c: 3, 'gtm.uniqueEventId': 3 }] }]],
    ['Adobe\'s', 'adobeDataLayer.push({event: name}, () => 1)', 'var adobeDataLayer = [];' + adobe, [{ to: 'adobeDataLayer', data: [event] }]],
    ['Matomo\'s before it has loaded', '(window._paq = window._paq || []).push(["trackEvent", "Chat", name])', '', [{ to: '_paq', data: [['trackEvent', 'Chat', 'chat_started']] }]],
    ['Matomo\'s tag manager', '_mtm.push({event: name})', 'var _mtm = [{"mtm.startTime": 1}]', [{ to: '_mtm', data: [event] }]],
    ['Matomo\'s that keeps nothing', '_paq.push(["trackEvent", name])', 'var _paq = {push() {}}', []],
    ['a function\'s', 'fbq("trackCustom", name)', 'var fbq = function () { fbq.queue.push(arguments) }; fbq.queue = []', [{ to: 'fbq.queue', data: [{ 0: 'trackCustom', 1: 'chat_started' }] }]],
    ['Tealium\'s', 'utag.loader.q.push({a: "link", b: {event: name}})', 'var utag = {loader: {q: []}}', [{ to: 'utag.loader.q', data: [{ a: 'link', b: event }] }]],
    ['one that is made then, of the others', 'window.uetq = window.uetq || []; uetq.push("event", name, {})', '', [{ to: 'uetq', data: ['event', 'chat_started', {}] }]],
    ['two', 'dataLayer.push({event: name}); _mtm.push({event: name})', 'var dataLayer = [], _mtm = []', [{ to: 'dataLayer', data: [event] }, { to: '_mtm', data: [event] }]],
    ['it throws after that', 'dataLayer.push({event: name}); try { return null.x } catch {}', 'var dataLayer = []', [{ to: 'dataLayer', data: [event] }]],
    ['nothing', '', 'var dataLayer = [{a: 1}]', []],
    ['replaced in the call', 'dataLayer = [{event: name}]', 'var dataLayer = [{a: 1}]', [{ to: 'dataLayer', data: [event] }]],
    ['emptied in the call', 'dataLayer.length = 0; dataLayer.push({event: name})', 'var dataLayer = [{a: 1}, {b: 2}]', [{ to: 'dataLayer', data: [event] }]],
    ['copied in the call', 'dataLayer = JSON.parse(JSON.stringify(dataLayer)); dataLayer.push({event: name})', 'var dataLayer = [{a: 1}, {b: 2}]', [{ to: 'dataLayer', data: [event] }]],
    ['sliced in the call', 'dataLayer.push({event: name}); dataLayer = dataLayer.slice(1)', 'var dataLayer = [{a: 1}, {b: 2}]', [{ to: 'dataLayer', data: [event] }]],
    ['the same object again', 'dataLayer.push(it)', 'var it = {event: "x"}, dataLayer = [it, it]', [{ to: 'dataLayer', data: [{ event: 'x' }] }]],
    ['the same object again, full', 'dataLayer.push(it); dataLayer.shift()', 'var it = {event: "x"}, dataLayer = [{a: 1}, {b: 1}, it]', [{ to: 'dataLayer', data: [{ event: 'x' }] }]],
    ['NaN', 'dataLayer.push(NaN)', 'var dataLayer = [NaN, NaN]', [{ to: 'dataLayer', data: [null], notes: [{ at: '/0', is: 'nan' }] }]],
    ['sparse', 'dataLayer.length += 2; dataLayer.push({event: name})', 'var dataLayer = [,,]',
      [{ to: 'dataLayer', data: [null, null, event], notes: [{ at: '/0', is: 'hole' }, { at: '/1', is: 'hole' }] }]],
    ['frozen', 'try { dataLayer.push({event: name}) } catch {}', 'var dataLayer = Object.freeze([{a: 1}])', []],
    ['with a getter', 'dataLayer.push({get event() { ran = true }})', 'var dataLayer = []', [{ to: 'dataLayer', data: [{}], notes: [{ at: '/0/event', is: 'getter' }] }]],
    ['behind an accessor', 'dataLayer.push({event: name})', 'const kept = []; Object.defineProperty(window, "dataLayer", {get() { ran = true; return kept }})', []],
    ['that holds itself', 'dataLayer.push(dataLayer)', 'var dataLayer = []', [{ to: 'dataLayer', data: [[null]], notes: [{ at: '/0/0', is: 'cycle', text: '/0' }] }]],
  ];
  for (const [what, handler, before, pushed] of cases) {
    const page = site(handler, before);
    heard(page);
    page.run('var ran = false');
    call(page);
    assert.deepEqual(heard(page), { pushed: [pushed], queued: [], dropped: 0 }, what);
    page.look();
    assert.deepEqual(heard(page), { pushed: [], queued: [], dropped: 0 }, `${what}, later`);
    if (what.includes('accessor') || what.includes('getter')) assert.equal(page.run('ran'), what.includes('accessor'), what); // the handler's own
  }
});

test('a call\'s pushes are its own: not those of a call within it, nor those before and after', () => {
  const page = site('dataLayer.push({event: name, n: 1}); if (name === "outer") userlikeTrackingEvent("inner", {client_uuid: "u"}, {}); dataLayer.push({event: name, n: 2})',
    'var dataLayer = [{before: 1}]');
  heard(page);
  call(page, 'outer');
  assert.deepEqual(heard(page).pushed, [
    [{ to: 'dataLayer', data: [{ event: 'inner', n: 1 }, { event: 'inner', n: 2 }] }],
    [{ to: 'dataLayer', data: [{ event: 'outer', n: 1 }, { event: 'outer', n: 2 }] }],
  ]);
  page.run('dataLayer.push({between: 1})');
  call(page, 'next');
  assert.deepEqual(heard(page), {
    pushed: [[{ to: 'dataLayer', data: [{ event: 'next', n: 1 }, { event: 'next', n: 2 }] }]],
    queued: [{ to: 'dataLayer', data: [{ between: 1 }] }], dropped: 0,
  });
});

test('what comes when the handler has returned is told at the next look, each by itself', () => {
  const page = site('later = () => dataLayer.push({event: name}, {other: 1})', 'var later, dataLayer = []');
  heard(page);
  call(page);
  page.run('later(); 0');
  page.look();
  assert.deepEqual(heard(page), { pushed: [[]], queued: [{ to: 'dataLayer', data: [event] }, { to: 'dataLayer', data: [{ other: 1 }] }], dropped: 0 });
  page.run('for (let i = 0; i < 250; i++) dataLayer.push({i})');
  page.look();
  const { queued, dropped } = heard(page);
  assert.deepEqual([queued.length, dropped], [100, 150]);
});

test('queues of a page without calls are not told of, nor long after the last one', () => {
  const page = site(push, 'var dataLayer = []');
  page.run('dataLayer.push({a: 1})');
  page.look();
  call(page);
  assert.deepEqual(heard(page), { pushed: [[{ to: 'dataLayer', data: [event] }]], queued: [], dropped: 0 });
  for (let i = 0; i < 530; i++) page.look();
  page.run('dataLayer.push({b: 1})');
  page.look();
  assert.deepEqual(heard(page).queued, []);
  call(page);
  assert.deepEqual(heard(page), { pushed: [[{ to: 'dataLayer', data: [event] }]], queued: [], dropped: 0 });
});

test('a data layer of another name is found by the manager\'s script', () => {
  for (const src of [
    'https://www.googletagmanager.com/gtm.js?id=GTM-ABC123&l=shopLayer', 'https://stats.shop.example/x.js?id=GTM-ABC123&l=shopLayer#x',
    'https://www.googletagmanager.com/gtag/js?l=shopLayer&id=G-ABC', 'https://shop.containers.piwik.pro/1-2.js?data_layer_name=shopLayer',
  ]) {
    const page = site('shopLayer.push({event: name})', 'var shopLayer = [{a: 1}]');
    page.run(`{ const script = new Element('script'); script.src = ${JSON.stringify(src)}; page.scripts.push(script); }`);
    heard(page);
    call(page);
    assert.deepEqual(heard(page).pushed, [[{ to: 'shopLayer', data: [event] }]], src);
  }
  const page = site('shopLayer.push({event: name})', 'var shopLayer = []');
  page.run(`{ const script = new Element('script'); script.src = 'https://shop.example/app.js?l=shopLayer'; page.scripts.push(script); }`);
  heard(page);
  call(page);
  assert.deepEqual(heard(page).pushed, [[]]);
});

test('a million pushes in one call are cut, and the call is told of', () => {
  const page = site('for (let i = 0; i < 1_000_000; i++) dataLayer.push({event: name, i})', 'var dataLayer = []');
  heard(page);
  call(page);
  const [[queue] = []] = heard(page).pushed;
  assert.deepEqual(queue.notes.at(-1), { at: '', is: 'truncated', text: '1000000' });
  assert.ok(queue.data.length > 100 && JSON.stringify(queue.data).length < 70_000, String(queue.data.length));
});

test('a large text is cut where the room ends', () => {
  const page = site('dataLayer.push({a: "x".repeat(60000)}, {b: "y".repeat(60000)}, {c: 1})', 'var dataLayer = []');
  heard(page);
  call(page);
  const [[{ data, notes }] = [{}]] = heard(page).pushed;
  assert.deepEqual(notes, [{ at: '/1/b', is: 'truncated', text: '60000' }, { at: '', is: 'truncated', text: '3' }]);
  assert.ok(JSON.stringify(data).length <= 65_536 + 100);
});

test('a hostile queue costs its own pushes alone', () => {
  const hostile = 'new Proxy([], {getOwnPropertyDescriptor(t, k) { asked++; if (k === "length") userlikeTrackingEvent("from a trap", {}, {}); throw 1 }})';
  const page = site('if (name !== "from a trap") _paq.push(["trackEvent", name])', `var asked = 0, dataLayer = ${hostile}, _paq = []`);
  heard(page);
  call(page);
  page.look();
  assert.deepEqual(heard(page), { pushed: [[{ to: '_paq', data: [['trackEvent', 'chat_started']] }]], queued: [], dropped: 0 });
  assert.ok(page.run('asked') > 0);
});

test('nothing is looked at when that is not wanted', () => {
  const page = site(push, 'var dataLayer = []');
  heard(page);
  page.control('no follow');
  call(page);
  page.look();
  assert.deepEqual(heard(page), { pushed: [[]], queued: [], dropped: 0 });
  page.control('follow');
  call(page);
  assert.deepEqual(heard(page).pushed, [[{ to: 'dataLayer', data: [event] }]]);
});
