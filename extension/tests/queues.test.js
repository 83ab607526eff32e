// @ts-check
// What the hook finds in a page's queues. They are made here as tag managers and analytics
// libraries make theirs.
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

// Google's container replaces push: its own keeps 300 entries and adds an id to each.
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

// Adobe's client data layer replaces push: its own does not keep functions.
const adobe = `
  { const push = adobeDataLayer.push;
    adobeDataLayer.push = function (...items) { return push.apply(this, items.filter((i) => typeof i !== 'function')); }; }`;

/**
 * Handlers, what ran before them, and what they push in a call.
 * @type {{what: string, handler: string, before?: string, pushed: any[]}[]}
 */
const pushing = [
  {
    what: 'a data layer',
    handler: push,
    before: 'var dataLayer = []',
    pushed: [{ to: 'dataLayer', data: [event] }],
  },
  {
    what: 'one that is made then',
    handler: 'window.dataLayer = window.dataLayer || []; dataLayer.push({event: name})',
    pushed: [{ to: 'dataLayer', data: [event] }],
  },
  {
    what: 'gtag',
    handler: '(function () { dataLayer.push(arguments) })("event", name, {value: 1})',
    before: 'var dataLayer = []',
    pushed: [{ to: 'dataLayer', data: [{ 0: 'event', 1: 'chat_started', 2: { value: 1 } }] }],
  },
  {
    what: 'several',
    handler: 'dataLayer.push({event: name}, {a: 1}); dataLayer.push({b: 2})',
    before: 'var dataLayer = [{c: 3}]',
    pushed: [{ to: 'dataLayer', data: [event, { a: 1 }, { b: 2 }] }],
  },
  {
    what: 'Google\'s',
    handler: push,
    before: 'var dataLayer = [{"gtm.start": 1}];' + google,
    pushed: [{ to: 'dataLayer', data: [{ ...event, 'gtm.uniqueEventId': 1 }] }],
  },
  {
    what: 'Google\'s, full',
    handler: push,
    before: filled + ';' + google,
    pushed: [{ to: 'dataLayer', data: [{ ...event, 'gtm.uniqueEventId': 1 }] }],
  },
  {
    what: 'full, several',
    handler: 'dataLayer.push({a: 1}, {b: 2}, {c: 3})',
    before: filled + ';' + google,
    pushed: [{ to: 'dataLayer', data: [{ a: 1, 'gtm.uniqueEventId': 1 }, { b: 2, 'gtm.uniqueEventId': 2 }, { c: 3, 'gtm.uniqueEventId': 3 }] }],
  },
  {
    what: 'Adobe\'s',
    handler: 'adobeDataLayer.push({event: name}, () => 1)',
    before: 'var adobeDataLayer = [];' + adobe,
    pushed: [{ to: 'adobeDataLayer', data: [event] }],
  },
  {
    what: 'Matomo\'s before it has loaded',
    handler: '(window._paq = window._paq || []).push(["trackEvent", "Chat", name])',
    pushed: [{ to: '_paq', data: [['trackEvent', 'Chat', 'chat_started']] }],
  },
  {
    what: 'Matomo\'s tag manager',
    handler: '_mtm.push({event: name})',
    before: 'var _mtm = [{"mtm.startTime": 1}]',
    pushed: [{ to: '_mtm', data: [event] }],
  },
  {
    what: 'Matomo\'s that keeps nothing',
    handler: '_paq.push(["trackEvent", name])',
    before: 'var _paq = {push() {}}',
    pushed: [],
  },
  {
    what: 'a function\'s',
    handler: 'fbq("trackCustom", name)',
    before: 'var fbq = function () { fbq.queue.push(arguments) }; fbq.queue = []',
    pushed: [{ to: 'fbq.queue', data: [{ 0: 'trackCustom', 1: 'chat_started' }] }],
  },
  {
    what: 'Tealium\'s',
    handler: 'utag.loader.q.push({a: "link", b: {event: name}})',
    before: 'var utag = {loader: {q: []}}',
    pushed: [{ to: 'utag.loader.q', data: [{ a: 'link', b: event }] }],
  },
  {
    what: 'one that is made then, of the others',
    handler: 'window.uetq = window.uetq || []; uetq.push("event", name, {})',
    pushed: [{ to: 'uetq', data: ['event', 'chat_started', {}] }],
  },
  {
    what: 'two',
    handler: 'dataLayer.push({event: name}); _mtm.push({event: name})',
    before: 'var dataLayer = [], _mtm = []',
    pushed: [{ to: 'dataLayer', data: [event] }, { to: '_mtm', data: [event] }],
  },
  {
    what: 'it throws after that',
    handler: 'dataLayer.push({event: name}); try { return null.x } catch {}',
    before: 'var dataLayer = []',
    pushed: [{ to: 'dataLayer', data: [event] }],
  },
  {
    what: 'nothing',
    handler: '',
    before: 'var dataLayer = [{a: 1}]',
    pushed: [],
  },
  {
    what: 'replaced in the call',
    handler: 'dataLayer = [{event: name}]',
    before: 'var dataLayer = [{a: 1}]',
    pushed: [{ to: 'dataLayer', data: [event] }],
  },
  {
    what: 'emptied in the call',
    handler: 'dataLayer.length = 0; dataLayer.push({event: name})',
    before: 'var dataLayer = [{a: 1}, {b: 2}]',
    pushed: [{ to: 'dataLayer', data: [event] }],
  },
  {
    what: 'copied in the call',
    handler: 'dataLayer = JSON.parse(JSON.stringify(dataLayer)); dataLayer.push({event: name})',
    before: 'var dataLayer = [{a: 1}, {b: 2}]',
    pushed: [{ to: 'dataLayer', data: [event] }],
  },
  {
    what: 'one element, copied in the call',
    handler: 'dataLayer = dataLayer.map((o) => ({...o})).concat({event: name})',
    before: 'var dataLayer = [{event: "gtm.js"}]',
    pushed: [{ to: 'dataLayer', data: [event] }],
  },
  {
    what: 'one element, copied in the call, and the same again',
    handler: 'dataLayer = dataLayer.map((o) => ({...o})).concat({event: name})',
    before: 'var dataLayer = [{event: "chat_started"}]',
    pushed: [{ to: 'dataLayer', data: [event] }],
  },
  {
    what: 'one element, replaced in the call by the same',
    handler: 'dataLayer = [{event: name}]',
    before: 'var dataLayer = [{event: "chat_started"}]',
    pushed: [{ to: 'dataLayer', data: [event] }],
  },
  {
    what: 'sliced in the call',
    handler: 'dataLayer.push({event: name}); dataLayer = dataLayer.slice(1)',
    before: 'var dataLayer = [{a: 1}, {b: 2}]',
    pushed: [{ to: 'dataLayer', data: [event] }],
  },
  {
    what: 'the same object again',
    handler: 'dataLayer.push(it)',
    before: 'var it = {event: "x"}, dataLayer = [it, it]',
    pushed: [{ to: 'dataLayer', data: [{ event: 'x' }] }],
  },
  {
    what: 'the same object again, full',
    handler: 'dataLayer.push(it); dataLayer.shift()',
    before: 'var it = {event: "x"}, dataLayer = [{a: 1}, {b: 1}, it]',
    pushed: [{ to: 'dataLayer', data: [{ event: 'x' }] }],
  },
  {
    what: 'NaN',
    handler: 'dataLayer.push(NaN)',
    before: 'var dataLayer = [NaN, NaN]',
    pushed: [{ to: 'dataLayer', data: [null], notes: [{ at: '/0', is: 'nan' }] }],
  },
  {
    what: 'sparse',
    handler: 'dataLayer.length += 2; dataLayer.push({event: name})',
    before: 'var dataLayer = [,,]',
    pushed: [{ to: 'dataLayer', data: [null, null, event], notes: [{ at: '/0', is: 'hole' }, { at: '/1', is: 'hole' }] }],
  },
  {
    what: 'frozen',
    handler: 'try { dataLayer.push({event: name}) } catch {}',
    before: 'var dataLayer = Object.freeze([{a: 1}])',
    pushed: [],
  },
  {
    what: 'with a getter',
    handler: 'dataLayer.push({get event() { ran = true }})',
    before: 'var dataLayer = []',
    pushed: [{ to: 'dataLayer', data: [{}], notes: [{ at: '/0/event', is: 'getter' }] }],
  },
  {
    what: 'behind an accessor',
    handler: 'dataLayer.push({event: name})',
    before: 'const kept = []; Object.defineProperty(window, "dataLayer", {get() { ran = true; return kept }})',
    pushed: [],
  },
  {
    what: 'that holds itself',
    handler: 'dataLayer.push(dataLayer)',
    before: 'var dataLayer = []',
    pushed: [{ to: 'dataLayer', data: [[null]], notes: [{ at: '/0/0', is: 'cycle', text: '/0' }] }],
  },
];

test('pushes of the handler are told with its call', () => {
  for (const { what, handler, before = '', pushed } of pushing) {
    const page = site(handler, before);
    heard(page);
    page.run('var ran = false');
    call(page);
    assert.deepEqual(heard(page), { pushed: [pushed], queued: [], dropped: 0 }, what);
    page.look();
    assert.deepEqual(heard(page), { pushed: [], queued: [], dropped: 0 }, `${what}, later`);
    if (what.includes('accessor') || what.includes('getter')) assert.equal(page.run('ran'), what.includes('accessor'), what); // the handler reads the accessor itself
  }
});

test('a call has its own pushes, not those of a call within it, nor those before and after', () => {
  const page = site(
    `dataLayer.push({event: name, n: 1});
    if (name === "outer") userlikeTrackingEvent("inner", {client_uuid: "u"}, {});
    dataLayer.push({event: name, n: 2})`,
    'var dataLayer = [{before: 1}]',
  );
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

test('what others put into a new queue between two calls is not the second call\'s', () => {
  const page = site('if (name === "creates") { _tfa = [{event: name}] }');
  call(page);
  page.run('uetq = []; uetq.push("event", "signup", {})');
  call(page);
  call(page, 'creates');
  assert.deepEqual(heard(page), {
    pushed: [[], [], [{ to: '_tfa', data: [{ event: 'creates' }] }]],
    queued: ['event', 'signup', {}].map((one) => ({ to: 'uetq', data: [one] })), dropped: 0,
  });
});

test('pushes after the handler has returned are told at the next look, one by one', () => {
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

test('pushes of a call for which there is no room are counted', () => {
  const page = site('if (name === "outer") for (let i = 0; i < 5000; i++) { dataLayer.push(big); userlikeTrackingEvent("inner", {client_uuid: "u"}, {}); }',
    'var dataLayer = [], big = "x".repeat(60000)');
  heard(page);
  call(page, 'outer');
  const { pushed, queued, dropped } = heard(page);
  const told = pushed.flat().flatMap(({ data, notes = [] }) => (data.length > 0 ? data : notes)).length;
  assert.ok(dropped > 0 && told > 0, `${dropped} of 5000 dropped`);
  assert.deepEqual(queued, []);
  assert.equal(page.run('dataLayer.length'), 5000);
});

test('nothing is told of queues before the first call, nor long after the last one', () => {
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

test('a renamed data layer is found by the address of the tag manager\'s script', () => {
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

test('a renamed data layer is found wherever its script is put', () => {
  for (const put of ['page.scripts.unshift(script)', 'page.scripts.splice(1, 0, script)', 'page.scripts.splice(1, 1, script)', 'page.scripts.splice(2, 1, script)']) {
    const page = site('shopLayer.push({event: name})', 'var shopLayer = []; page.scripts.push(...[1, 2, 3].map(() => new Element("script")))');
    page.look();
    page.run(`{ const script = new Element('script'); script.src = 'https://www.googletagmanager.com/gtm.js?id=GTM-A&l=shopLayer'; ${put}; }`);
    heard(page);
    call(page);
    assert.deepEqual(heard(page).pushed, [[{ to: 'shopLayer', data: [event] }]], put);
  }
  const page = site('later = () => shopLayer.push({event: name})', 'var later, shopLayer = []; page.scripts.push(...[1, 2, 3].map(() => new Element("script")))');
  for (let i = 0; i < 10; i++) call(page);
  page.run(`{ const script = new Element('script'); script.src = 'https://www.googletagmanager.com/gtm.js?id=GTM-A&l=shopLayer'; page.scripts.unshift(script); }`);
  page.run('later(); 0');
  heard(page);
  page.look();
  assert.deepEqual(heard(page).queued, [{ to: 'shopLayer', data: [event] }]);
});

test('a million pushes in one call are cut, and the call is told', () => {
  const page = site('for (let i = 0; i < 1_000_000; i++) dataLayer.push({event: name, i})', 'var dataLayer = []');
  heard(page);
  call(page);
  const [[queue] = []] = heard(page).pushed;
  assert.deepEqual(queue.notes.at(-1), { at: '', is: 'truncated', text: '1000000' });
  assert.ok(queue.data.length > 100 && JSON.stringify(queue.data).length < 70_000, String(queue.data.length));
});

test('a text for which there is no room is cut', () => {
  const page = site('dataLayer.push({a: "x".repeat(60000)}, {b: "y".repeat(60000)}, {c: 1})', 'var dataLayer = []');
  heard(page);
  call(page);
  const [[{ data, notes }] = [{}]] = heard(page).pushed;
  assert.deepEqual(notes, [{ at: '/1/b', is: 'truncated', text: '60000' }, { at: '', is: 'truncated', text: '3' }]);
  assert.ok(JSON.stringify(data).length <= 65_536 + 100);
});

test('long keys within each other are cut too, and cost no other push', () => {
  for (const [levels, length, key] of /** @type {[number, number, string][]} */ ([[40, 60_000, 'x'], [40, 1500, 'x'], [47, 60_000, '\\u0001'], [1, 60_000, '\\u0001'], [47, 1300, '\\u0001']])) {
    const nested = `let v = 1; for (let i = 0; i < ${levels}; i++) v = {["${key}".repeat(${length})]: v, other: 1};`;
    const page = site(`_paq.push(["trackEvent", name]); ${nested} dataLayer.push(v)`, 'var dataLayer = [], _paq = []');
    heard(page);
    call(page);
    page.run(`{ ${nested} dataLayer.push(v) } 0`);
    page.look();
    assert.ok(page.run('Math.max(...page.said.map((s) => s.length))') < 600_000, `${levels} of ${length}`);
    const { pushed, queued, dropped } = heard(page);
    assert.deepEqual([pushed[0]?.find(({ to }) => to === '_paq'), dropped], [{ to: '_paq', data: [['trackEvent', 'chat_started']] }, 0]);
    for (const { data, notes = [] } of [pushed[0]?.find(({ to }) => to === 'dataLayer'), queued[0]]) {
      assert.ok(data.length === 1 || notes.some((/** @type {any} */ n) => n.is === 'truncated'));
    }
  }
});

test('a hostile queue costs only its own pushes', () => {
  const hostile = 'new Proxy([], {getOwnPropertyDescriptor(t, k) { asked++; if (k === "length") userlikeTrackingEvent("from a trap", {}, {}); throw 1 }})';
  const page = site('if (name !== "from a trap") _paq.push(["trackEvent", name])', `var asked = 0, dataLayer = ${hostile}, _paq = []`);
  heard(page);
  call(page);
  page.look();
  assert.deepEqual(heard(page), { pushed: [[{ to: '_paq', data: [['trackEvent', 'chat_started']] }]], queued: [], dropped: 0 });
  assert.ok(page.run('asked') > 0);
});

test('a queue that lies about its length does not stop the page', () => {
  for (const length of ['Infinity', '2 ** 53', '-1', '1.5', 'NaN', '2 ** 32 - 1']) {
    const page = site('', `var asked = 0, dataLayer = new Proxy([1], {getOwnPropertyDescriptor(t, k) {
      const d = Reflect.getOwnPropertyDescriptor(t, k);
      return k === "length" ? {...d, value: asked++ > 0 ? ${length} : 1} : d && {...d, value: asked};
    }})`);
    call(page);
    call(page);
    page.look();
    assert.equal(heard(page).pushed.length, 2, length);
  }
});

test('pushes before the page leaves are told when the relay asks', () => {
  const page = site('later = () => dataLayer.push({event: name})', 'var later, dataLayer = []');
  heard(page);
  call(page);
  page.run('later(); 0');
  page.control('queues');
  assert.deepEqual(heard(page), { pushed: [[]], queued: [{ to: 'dataLayer', data: [event] }], dropped: 0 });
});

test('queues are not looked at if following is switched off', () => {
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
