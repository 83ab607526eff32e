// @ts-check
// Which requests and finds in queues the host gets, and in which form. Requests are here as
// browsers report them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';
import { Documents } from '../documents.js';
import { bodyOf } from '../body.js';
import { Followed } from '../followed.js';
import { Following } from '../following.js';
import { Quota } from '../quota.js';
import { connection, Recording } from '../recording.js';
import { Tabs } from '../tabs.js';
import { Tally } from '../tally.js';
import { Scope } from '../scope.js';

const tooling = createRequire(new URL('../../.ci/package.json', import.meta.url));
const { default: Ajv } = tooling('ajv/dist/2020.js');
const ajv = new Ajv({ strict: false, validateFormats: false });
for (const name of ['record', 'wire']) {
  ajv.addSchema(JSON.parse(readFileSync(new URL(`../../schema/${name}.schema.json`, import.meta.url), 'utf8')));
}
const isMessage = ajv.getSchema('https://userlike-inspector.invalid/schema/wire.schema.json');

const START = Date.parse('2026-01-01T00:00:00.000Z');
const SHOP = '01234567-89ab-4def-8123-456789abcdef';

/** A background with a shop open in tab 1. @param {any} [saved] */
const bench = (saved) => {
  let clock = START;
  let ids = 0;
  /** @type {{at: number, then: () => void}[]} */
  let timers = [];
  /** @type {any[]} */
  const sent = [];
  const host = { there: true };
  /** Whether pages are too busy to report, and whom they owe an answer. @type {{busy: boolean, asked: import('../recording.js').Connection[]}} */
  const pages = { busy: false, asked: [] };
  /** @type {any[]} */
  const kept = [];
  /** @type {import('../following.js').Lost[]} */
  const lost = [];
  const state = {
    tally: new Tally(), scope: new Scope(), tabs: new Tabs(), quota: new Quota(), followed: new Followed(saved), standIns: new Set(),
  };
  const later = (/** @type {number} */ ms, /** @type {() => void} */ then) => void timers.push({ at: clock + ms, then });
  /** @type {any} */
  const delivery = { add: (/** @type {any[]} */ records) => records };
  const recording = new Recording({
    state, documents: new Documents(), delivery, standIn: () => false, now: () => clock, later,
    called: (record, incognito) => following.called(record, incognito), queued: (relay, message) => following.queued(relay, message),
    changed: () => {}, taken: () => {}, asked: () => {}, step: () => {},
    reported: (relay) => following.reported(relay), left: (relay) => following.reported(relay),
  });
  const following = new Following({
    state, recording, now: () => clock, later, unique: () => `c${++ids}`, own: 'chrome-extension://us/',
    keep: () => void kept.push(JSON.parse(JSON.stringify(state.followed.save()))),
    keepLost: (all) => void lost.push(structuredClone(all)),
    send: (message) => {
      if (!host.there) return false;
      assert.ok(isMessage(message), `${JSON.stringify(message)}: ${ajv.errorsText(isMessage.errors)}`);
      sent.push(JSON.parse(JSON.stringify(message)));
      return true;
    },
  });
  /** @param {number} tab @param {string} document the browser's id @param {string} url @param {number} [frame] @param {boolean} [incognito] */
  const open = (tab, document, url, frame = 0, incognito = false) => {
    const { origin } = new URL(url);
    /** @type {import('../recording.js').Connection} */
    const relay = connection({ tab, frame, document, url, origin, incognito, began: 0 }, (/** @type {any} */ { type }) => {
      if (type !== 'report') return;
      if (pages.busy) pages.asked.push(relay);
      else recording.heard(relay, { type: 'reported' });
    });
    if (frame === 0) state.tabs.shows(tab, { url, title: 'Shop' });
    recording.connect(relay);
    return relay;
  };
  const shop = open(1, 'D1', 'https://shop.example/cart');
  const world = {
    state, following, recording, host, pages, sent, kept, lost,
    shop, open,
    /** @param {number} ms */
    pass(ms) {
      for (const end = clock + ms; ; ) {
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
    /** @param {import('../recording.js').Connection} [relay] @param {number} [seq] @param {string} [document] */
    call(relay = shop, seq = 1, document = SHOP) {
      const record = {
        v: 1, kind: 'call', id: `${document}/${seq}`, seq, time: new Date(clock).toISOString(), document, url: relay.url, title: 'Shop',
        args: ['chat_started'], pushed: [{ to: 'dataLayer', data: [1] }],
      };
      recording.heard(relay, { type: 'records', paused: false, going: false, records: [JSON.stringify(record)] });
    },
    /** @param {object} details */
    request(details) {
      following.request({
        requestId: `r${++ids}`, timeStamp: clock, url: 'https://stats.example/c?e=chat_started#x', method: 'GET', type: 'image',
        tabId: 1, frameId: 0, documentId: 'D1', initiator: 'https://shop.example', ...details,
      });
    },
    /** What the host has been given since it was last asked. @returns {any[]} */
    given() {
      world.pass(100);
      return world.sent.splice(0).flatMap(({ candidates }) => candidates);
    },
  };
  return world;
};

test('requests of tabs with calls are given to the host, with their tab, document and addresses', () => {
  const world = bench();
  world.call();
  world.request({ requestBody: { raw: [{ bytes: new TextEncoder().encode('{"a":1}').buffer }] }, method: 'POST', type: 'ping' });
  const [{ id, time, ...rest }] = world.given();
  assert.deepEqual([typeof id, time], ['string', '2026-01-01T00:00:00.000Z']);
  assert.deepEqual(rest, {
    via: 'request', to: 'https://stats.example/c?e=chat_started', tab: 1, frame: 0, document: SHOP, url: 'https://shop.example/cart',
    top_url: 'https://shop.example/cart', title: 'Shop', site: 'https://shop.example', method: 'POST', type: 'ping', body: { bytes: 'eyJhIjoxfQ==' },
  });
  // Firefox leaves the document out for requests that outlive it, and has originUrl instead
  // of initiator.
  world.request({ documentId: undefined, initiator: undefined, originUrl: 'https://shop.example/cart' });
  const [{ document, url, site }] = world.given();
  assert.deepEqual([document, url, site], [undefined, undefined, 'https://shop.example']);
});

test('that a request has failed is told together with it, or later', () => {
  const world = bench();
  world.call();
  world.request({ requestId: 'a' });
  world.request({ requestId: 'b' });
  world.following.failed({ requestId: 'a', timeStamp: START + 7 });
  world.following.answered({ requestId: 'b', timeStamp: START + 8, statusCode: 204 });
  const [a, b] = world.given();
  assert.deepEqual([a.failed, b.failed], ['2026-01-01T00:00:00.007Z', undefined]);
  world.following.answered({ requestId: 'b', timeStamp: START + 9, statusCode: 503 });
  const again = world.given();
  assert.deepEqual(again, [{ ...b, failed: '2026-01-01T00:00:00.009Z' }]);
  for (const [statusCode, failed] of [[200, false], [304, false], [401, true], [404, true], [408, true], [429, true], [500, true]]) {
    world.request({ requestId: `s${statusCode}` });
    world.following.answered({ requestId: `s${statusCode}`, timeStamp: START + 9, statusCode: Number(statusCode) });
    const [one] = world.given();
    assert.equal(one.failed !== undefined, failed, String(statusCode));
    world.following.settled([{ id: one.id }]);
  }
  world.following.settled([{ id: a.id }, { id: b.id }]);
  world.following.failed({ requestId: 'a', timeStamp: START + 10 });
  assert.deepEqual(world.given(), []);
});

test('which requests are given to the host, by who makes them and what for', () => {
  /** @type {[string, object, boolean][]} */
  const cases = [
    ['an image', {}, true],
    ['of another tab', { tabId: 2 }, false],
    ['of the site\'s service worker', { tabId: -1, frameId: -1, documentId: undefined }, true],
    ['of the same in Firefox', { tabId: -1, frameId: -1, documentId: undefined, initiator: undefined, originUrl: 'https://shop.example/worker.js' }, true],
    ['of another site\'s service worker', { tabId: -1, frameId: -1, documentId: undefined, initiator: 'https://other.example' }, false],
    ['of nobody', { tabId: -1, frameId: -1, documentId: undefined, initiator: undefined }, false],
    ['of an unknown frame', { frameId: 7, documentId: 'D7', initiator: 'null' }, true],
    ['to Userlike', { url: 'https://api.userlike.com/x?e=chat_started' }, false],
    ['to Userlike by a socket', { url: 'wss://umd.userlike.com/x', type: 'websocket' }, false],
    ['to Userlike\'s CDN', { url: 'https://userlike-cdn-widgets.s3-eu-west-1.amazonaws.com/a?b', type: 'script' }, false],
    ['to a host whose name begins with Userlike\'s', { url: 'https://userlike.com.stats.example/x?e=chat_started' }, true],
    ['to another host, with Userlike\'s as user name', { url: 'https://userlike.com@stats.example/x' }, true],
    ['of the extension', { initiator: 'chrome-extension://us' }, false],
    ['a CORS preflight', { method: 'OPTIONS', type: 'xmlhttprequest' }, false],
    ['a style sheet', { url: 'https://shop.example/a.css', type: 'stylesheet' }, false],
    ['a style sheet with a query', { url: 'https://shop.example/a.css?e=chat_started', type: 'stylesheet' }, true],
    ['a report of a Content-Security-Policy', { type: 'csp_report', method: 'POST' }, false],
    ['a WebSocket', { url: 'wss://stats.example/x?e=chat_started', type: 'websocket' }, true],
  ];
  for (const [what, details, given] of cases) {
    const world = bench();
    world.call();
    world.request(details);
    assert.equal(world.given().length, given ? 1 : 0, what);
  }
});

test('a request that arrives before its call is given with it; others are forgotten after a while', () => {
  const world = bench();
  world.request({ timeStamp: START });
  world.pass(31_000);
  world.request({});
  assert.deepEqual(world.given(), []);
  world.call();
  assert.equal(world.given().length, 1);
  world.pass(119_000);
  world.request({});
  assert.equal(world.given().length, 1); // as of a library that sends events in batches
  world.pass(2000);
  world.request({});
  assert.deepEqual(world.given(), []);
});

test('that a request has failed before its call arrived is told as well', () => {
  const world = bench();
  world.request({ requestId: 'a' });
  world.following.answered({ requestId: 'a', timeStamp: START + 7, statusCode: 503 });
  world.request({ requestId: 'b' });
  world.call();
  assert.deepEqual(world.given().map(({ failed }) => failed), ['2026-01-01T00:00:00.007Z', undefined]);
});

test('bodies are read in each form that browsers give them in', () => {
  const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text).buffer;
  /** @type {[string, any, object][]} */
  const cases = [
    ['none', undefined, {}],
    ['none, said so', null, {}],
    ['an empty one', { raw: [] }, {}],
    ['bytes', { raw: [{ bytes: bytes('abc') }] }, { body: { bytes: 'YWJj' } }],
    ['bytes in pieces', { raw: [{ bytes: bytes('a') }, { bytes: bytes('bc') }] }, { body: { bytes: 'YWJj' } }],
    ['a file and bytes', { raw: [{ file: '/a' }, { bytes: bytes('abc') }] }, { body: { bytes: 'YWJj' } }],
    ['a file', { raw: [{ file: '/a' }] }, { body: { unreadable: true } }],
    ['a Blob in Chromium', { error: 'Unknown error.' }, { body: { unreadable: true } }],
    ['a form', { formData: { e: ['chat_started'], x: ['1', '2'] } }, { body: { form: { e: ['chat_started'], x: ['1', '2'] } } }],
    ['a form with bytes', { formData: { e: [bytes('x')] } }, { body: { form: { e: ['x'] } } }],
    ['a form whose field has an odd name', { formData: JSON.parse('{"__proto__":["1"]}') }, { body: { form: JSON.parse('{"__proto__":["1"]}') } }],
    ['half a character', { formData: { e: ['\ud800'] } }, { body: { form: { e: ['\ufffd'] } } }],
  ];
  for (const [what, body, want] of cases) assert.deepEqual(JSON.parse(JSON.stringify(bodyOf(body))), want, what);
  const split = { formData: { '{"a":"x': [undefined], y: ['z"}'] } }; // JSON with an ampersand, as Firefox reads it
  assert.equal(JSON.stringify(bodyOf(split)), '{"body":{"form":{"{\\"a\\":\\"x":[""],"y":["z\\"}"]}}}');

  const large = bodyOf({ raw: [{ bytes: new ArrayBuffer(100_000_000) }] });
  assert.deepEqual([/** @type {any} */ (large.body).bytes.length, large.size], [Math.ceil(131_072 / 3) * 4, 100_000_000]);
  const wide = bodyOf({ formData: Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`f${i}`, ['x']])) });
  assert.equal(Object.keys(/** @type {any} */ (wide.body).form).length, 1000);
  assert.equal(wide.size, Array.from({ length: 100_000 }, (_, i) => `f${i}=x&`.length).reduce((a, b) => a + b));
  const long = bodyOf({ formData: { a: ['x'.repeat(1_000_000)], b: ['y'] } });
  assert.deepEqual([/** @type {any} */ (long.body).form.a[0].length, /** @type {any} */ (long.body).form.b, long.size], [131_071, undefined, 1_000_007]);
  const named = bodyOf({ formData: { a: ['1'], ['€'.repeat(1_000_000)]: ['x'], b: ['y'] } });
  const [, name = '', ...others] = Object.keys(/** @type {any} */ (named.body).form);
  assert.deepEqual([name, others, named.size], ['€'.repeat(Math.floor((131_072 - 4) / 3)), [], 4 + 3_000_003 + 4], 'in bytes, and no half of a character');
});

test('a request that the browser reports twice is given once', () => {
  const world = bench();
  world.call();
  world.request({ requestId: 'a', url: 'http://stats.example/c' });
  world.request({ requestId: 'a', url: 'https://stats.example/c' });
  world.request({ requestId: 'a', url: 'https://other.example/c' }); // redirected to another site
  world.request({ requestId: 'b', url: 'https://stats.example/c' });
  assert.deepEqual(world.given().map(({ to }) => to), ['http://stats.example/c', 'https://other.example/c', 'https://stats.example/c']);
});

test('a request that a service worker makes for a page is given once, whether browsers report one or both', () => {
  const world = bench();
  world.call();
  const body = { method: 'POST', requestBody: { raw: [{ bytes: new TextEncoder().encode('{"a":1}').buffer }] } };
  const firefox = { ...body, initiator: undefined, originUrl: 'https://shop.example/worker.js' };
  const worker = { tabId: -1, frameId: -1, documentId: undefined };
  world.request(firefox);
  world.request({ ...firefox, ...worker });
  assert.deepEqual(world.given().map(({ tab }) => tab), [1]);
  world.request({ ...firefox, ...worker }); // the worker's own
  assert.deepEqual(world.given().map(({ tab }) => tab), [undefined]);
  world.request(firefox);
  world.request({ ...firefox, ...worker, requestBody: { raw: [{ bytes: new TextEncoder().encode('{"a":2}').buffer }] } });
  assert.deepEqual(world.given().map(({ tab }) => tab), [1, undefined]);
  world.request({ ...firefox, requestBody: { formData: { a: ['1'] } } });
  world.request({ ...firefox, ...worker, requestBody: { raw: [{ bytes: new TextEncoder().encode('--x').buffer }] } });
  assert.deepEqual(world.given().map(({ tab }) => tab), [1]);
  world.request(firefox);
  world.pass(6000);
  world.request({ ...firefox, ...worker });
  assert.deepEqual(world.given().map(({ tab }) => tab), [1, undefined]);
  world.request({ ...body, ...worker });
  world.request({ ...body, ...worker });
  assert.deepEqual(world.given().map(({ tab }) => tab), [undefined, undefined]);
});

test('nothing is given of pages that are paused, excluded or not to be followed', () => {
  /** @type {[string, (world: ReturnType<typeof bench>) => void][]} */
  const cases = [
    ['a paused tab', ({ state }) => state.scope.pause(1, true, START)],
    ['a paused site', ({ state }) => state.scope.pause('https://shop.example', true, START)],
    ['an excluded site', ({ state }) => state.scope.apply({ own: { block: ['https://shop.example'] }, managed: undefined })],
    ['an excluded path', ({ state }) => state.scope.apply({ own: { block: ['https://shop.example/cart*'] }, managed: undefined })],
    ['another site that is allowed', ({ state }) => state.scope.apply({ own: { allow: ['https://other.example'] }, managed: undefined })],
    ['following switched off', ({ state }) => state.scope.apply({ own: undefined, managed: { follow: false } })],
  ];
  for (const [what, change] of cases) {
    const world = bench();
    world.call();
    world.request({ timeStamp: START - 1 });
    world.given();
    change(world);
    world.request({});
    world.request({ tabId: -1, documentId: undefined });
    const queued = [{ to: 'dataLayer', data: [1], time: new Date(START + 1).toISOString() }];
    world.recording.heard(world.shop, { type: 'queued', document: SHOP, queued, dropped: 0 });
    assert.deepEqual(world.given(), [], what);
  }
});

test('a worker\'s request belongs to calls in windows of its own kind, private or not, where the browser says which', () => {
  const worker = { tabId: -1, frameId: -1, documentId: undefined, initiator: undefined, originUrl: 'https://shop.example/worker.js' };
  const other = '11234567-89ab-4def-8123-456789abcdef';
  /** @type {[string, boolean, boolean | undefined, boolean][]} */
  const cases = [
    ['both private', true, true, true],
    ['a private window\'s request', false, true, false],
    ['a private window\'s call', true, false, false],
    ['neither', false, false, true],
    ['Chromium does not say', true, undefined, true],
    ['Chromium does not say', false, undefined, true],
  ];
  for (const [what, called, incognito, given] of cases) {
    const world = bench();
    world.call(world.open(2, 'D2', 'https://shop.example/', 0, called), 1, other);
    world.request({ ...worker, incognito });
    assert.equal(world.given().length, given ? 1 : 0, what);
    world.state.scope.apply({ own: { private: false }, managed: undefined });
    world.request({ ...worker, incognito });
    assert.equal(world.given().length, given && !(called || incognito) ? 1 : 0, `${what}, and private windows are excluded`);
    if (given) continue;
    world.call(); // in a window that is not private
    assert.equal(world.given().length, incognito ? 0 : 2, `${what}, before the call`);
  }
  const both = bench();
  both.call(both.open(2, 'D2', 'https://shop.example/', 0, true), 1, other);
  both.call();
  both.pages.busy = true;
  both.request({ ...worker, incognito: true });
  both.given();
  assert.deepEqual(both.pages.asked.map(({ sender }) => sender.tab), [2], 'the private tab is asked, although the other called later');

  const gone = bench();
  const relay = gone.open(2, 'D2', 'https://shop.example/', 0, true);
  gone.call(relay, 1, other);
  gone.recording.gone(relay);
  gone.state.scope.apply({ own: { private: false }, managed: undefined });
  gone.request({ tabId: 2, documentId: undefined, incognito: true });
  assert.deepEqual(gone.given(), []);
});

test('finds in queues are given with their document, after a call', () => {
  const world = bench();
  const queued = [{ to: 'dataLayer', data: [{ event: 'x' }], notes: [{ at: '/0/y', is: 'undefined' }], time: new Date(START).toISOString() }];
  world.call();
  world.recording.heard(world.shop, { type: 'queued', document: SHOP, queued, dropped: 2 });
  world.pass(100);
  const [{ candidates: [{ id, ...rest }], dropped, missed }] = world.sent;
  assert.deepEqual([typeof id, dropped], ['string', 2]);
  const place = { tab: 1, frame: 0, document: SHOP, url: 'https://shop.example/cart', top_url: 'https://shop.example/cart', title: 'Shop' };
  assert.deepEqual(missed, [{ count: 2, time: new Date(START).toISOString(), ...place }]);
  assert.deepEqual(rest, { ...queued[0], via: 'queue', ...place });
  world.given();
  const other = '11234567-89ab-4def-8123-456789abcdef';
  world.recording.heard(world.shop, { type: 'queued', document: other, queued, dropped: 0 }); // it names another document
  world.recording.heard(world.shop, { type: 'queued', document: SHOP, queued: [{ to: 'dataLayer', data: 7 }], dropped: 0 });
  world.recording.heard(world.shop, { type: 'queued', document: SHOP, queued: [{ ...queued[0], to: 'data layer' }], dropped: 0 });
  assert.deepEqual(world.given(), []);
});

test('requests that a host has not settled go to the next host, up to a limit', () => {
  const world = bench();
  world.call();
  world.request({ url: 'https://a.example/' });
  world.request({ url: 'https://b.example/' });
  const [a] = world.given();
  world.following.settled([{ id: a.id, to: 'https://a.example/', system: 'A' }, { id: 'unknown', to: 'x' }]);
  assert.deepEqual(world.state.tally.of(1).places, ['A']);
  world.following.connected();
  assert.deepEqual(world.given().map(({ to }) => to), ['https://b.example/']);
  world.host.there = false;
  for (let i = 0; i < 6000; i++) world.request({ url: `https://a.example/${i}` });
  world.pass(100);
  world.host.there = true;
  world.following.connected();
  world.pass(100);
  const sent = world.sent.splice(0);
  assert.equal(sent.reduce((n, { candidates }) => n + candidates.length, 0), 5000);
  assert.equal(sent.reduce((n, { dropped = 0 }) => n + dropped, 0), 1001);
  world.following.settled(sent.flatMap(({ candidates }) => candidates));
  world.request({});
  assert.equal(world.given().length, 1);
});

test('the host is given no more bytes at once than it takes, whatever a form holds', () => {
  const world = bench();
  world.call();
  world.host.there = false;
  const requestBody = { formData: { ['€'.repeat(30_000_000)]: [''] } };
  world.request({ method: 'POST', url: 'https://a.example/', requestBody });
  for (let i = 0; i < 60; i++) world.request({ method: 'POST', url: `https://b.example/${i}`, requestBody: { formData: { e: ['€'.repeat(43_000)] } } });
  world.pass(100);
  world.host.there = true;
  world.following.connected();
  world.pass(100);
  const bytes = world.sent.map((message) => Buffer.byteLength(JSON.stringify(message)));
  assert.ok(Math.max(...bytes) < 1_100_000, String(Math.max(...bytes)));
  assert.equal(world.sent[0].candidates[0].to, 'https://a.example/');
});

test('after a restart the background follows the same tabs', () => {
  const before = bench();
  before.call();
  before.call(before.shop, 2);
  assert.equal(before.kept.length, 1); // at the first call, because the background may be stopped at any moment
  const world = bench(before.kept[0]);
  world.request({});
  world.request({ tabId: -1, documentId: undefined });
  world.request({ tabId: 2 });
  assert.equal(world.given().length, 2);
});

test('before any call, only so many requests and bytes are kept', () => {
  const world = bench();
  for (let i = 0; i < 1000; i++) world.request({ url: `https://a.example/${i}`, requestBody: { raw: [{ bytes: new ArrayBuffer(1_000_000) }] } });
  world.call();
  assert.deepEqual(world.given().map(({ to }) => to).at(-1), 'https://a.example/999');
  /** @type {[string, object][]} */
  const large = [
    ['a body', { requestBody: { raw: [{ bytes: new ArrayBuffer(1_000_000) }] } }],
    ['a form\'s value', { requestBody: { formData: { a: ['x'.repeat(1_000_000)] } } }],
    ['a form\'s bytes', { requestBody: { formData: { a: [new ArrayBuffer(1_000_000)] } } }],
    ['a form\'s name', { requestBody: { formData: { ['x'.repeat(1_000_000)]: [''] } } }],
    ['an address', { url: `https://a.example/?${'x'.repeat(1_000_000)}` }],
  ];
  for (const [what, details] of large) {
    const full = bench();
    for (let i = 0; i < 20; i++) full.request(details);
    full.call();
    assert.equal(full.given().length, 16, what);
  }
  const flood = bench();
  for (let i = 0; i < 1000; i++) flood.request({ url: `https://a.example/${i}` });
  flood.call();
  assert.equal(flood.given().length, 200);
});

test('requests of a prerendered page are given when it is shown and its calls arrive', () => {
  const world = bench();
  world.call();
  const hidden = { documentId: 'P', documentLifecycle: 'prerender', frameId: 697 };
  world.request({ ...hidden, url: 'https://stats.example/hidden' });
  world.request({ ...hidden, documentId: 'Q' });
  world.call(world.shop, 2);
  assert.deepEqual(world.given(), [], 'they are of no page that is shown');
  world.pass(60_000);
  const next = world.open(1, 'P', 'https://shop.example/next');
  assert.deepEqual(world.given(), []);
  world.call(next, 1, '11234567-89ab-4def-8123-456789abcdef');
  assert.deepEqual(world.given().map(({ to, tab, frame, url, time }) => [to, tab, frame, url, time]),
    [['https://stats.example/hidden', 1, 0, 'https://shop.example/next', '2026-01-01T00:00:00.000Z']]);
  world.pass(300_000);
  world.call(world.open(1, 'Q', 'https://shop.example/late'), 1, '21234567-89ab-4def-8123-456789abcdef');
  assert.deepEqual(world.given(), [], 'it was not shown for long');
});

test('requests before a call for which there was no room are counted if they may be due to it', () => {
  /** What the host is told was missed: tab, count and time. @param {ReturnType<typeof bench>} world */
  const missed = (world) => {
    world.pass(100);
    return world.sent.flatMap((message) => message.missed ?? []).map(({ tab, count, time }) => [tab, count, Date.parse(time) - START]);
  };
  const after = bench();
  for (let i = 0; i < 300; i++) after.request({ timeStamp: START + 10 });
  after.call();
  assert.deepEqual(missed(after), [[1, 100, 10]]);
  after.call(after.shop, 2);
  assert.deepEqual(missed(after), [[1, 100, 10]], 'once');

  const before = bench();
  for (let i = 0; i < 300; i++) before.request({});
  before.pass(101);
  before.call();
  assert.deepEqual(missed(before), [], 'a request that is due to a call comes less than 100 ms before the call\'s record');

  const elsewhere = bench();
  for (let i = 0; i < 300; i++) elsewhere.request({ tabId: 2, initiator: 'https://other.example' });
  elsewhere.call();
  assert.deepEqual(missed(elsewhere), []);

  const worker = bench();
  for (let i = 0; i < 300; i++) worker.request({ tabId: -1 });
  worker.call();
  assert.deepEqual(missed(worker), [[1, 100, 0]]);

  const paused = bench();
  for (let i = 0; i < 300; i++) paused.request({});
  paused.state.scope.pause('https://shop.example', true, START);
  paused.following.called({
    id: `${SHOP}/1`, document: SHOP, seq: 1, kind: 'call', time: new Date(START).toISOString(), tab: 1, url: 'https://shop.example/',
  }, false);
  assert.deepEqual(missed(paused), []);
});

test('the host gets requests only when the pages of their tab have reported all calls', () => {
  const { shop, pages, recording, open, call, request, given, pass } = bench();
  call();
  const frame = open(1, 'D2', 'https://shop.example/frame', 3);
  pages.busy = true;
  request({ requestId: 'first' });
  assert.deepEqual(given(), []);
  assert.deepEqual(pages.asked.splice(0), [shop, frame]);
  request({ requestId: 'second' });
  recording.heard(frame, { type: 'reported' });
  recording.heard(frame, { type: 'reported' }); // as often as it likes
  assert.deepEqual(given(), []);
  call(shop, 2);
  recording.heard(shop, { type: 'reported' });
  assert.equal(given().length, 1);
  assert.deepEqual(pages.asked.splice(0), [shop, frame], 'they are asked again for the second');
  recording.heard(shop, { type: 'reported' });
  recording.gone(frame);
  assert.equal(given().length, 1);
  request({});
  assert.deepEqual(given(), []);
  pass(30_000);
  assert.equal(given().length, 1, 'a page that hangs is not waited for');
});

test('a page that is being left is not waited for: Firefox may keep it frozen, and its port open', () => {
  const { shop, pages, recording, call, request, given } = bench();
  call();
  pages.busy = true;
  request({});
  assert.deepEqual(given(), []);
  recording.heard(shop, { type: 'records', paused: false, going: true, records: [
    JSON.stringify({ v: 1, kind: 'page', event: 'closed', id: `${SHOP}/2`, seq: 2, time: new Date(START).toISOString(), document: SHOP, url: shop.url, title: 'Shop' }),
  ] });
  request({});
  assert.equal(given().length, 2);
});

test('at the end the host gets all requests, whatever was not reported', () => {
  const { pages, following, call, request, sent, pass } = bench();
  call();
  pages.busy = true;
  request({});
  pass(100);
  request({});
  following.flush();
  assert.equal(sent.flatMap(({ candidates }) => candidates).length, 2);
});

test('what a background without a host would lose when it is stopped is told when it is started again', () => {
  const world = bench();
  world.host.there = false;
  world.following.disconnected();
  world.call();
  world.pass(6000);
  assert.deepEqual(world.lost, [], 'there is nothing to lose');
  for (let i = 0; i < 100; i++) {
    world.request({});
    world.pass(100);
  }
  world.pass(5000);
  const time = START + 6000;
  assert.ok(world.lost.length <= 4, 'it is written seldom');
  assert.deepEqual(world.lost.at(-1), [[1, { count: 100, time }]]);

  const again = bench();
  again.host.there = false;
  again.following.restored(world.lost.at(-1) ?? []);
  again.call();
  again.request({});
  again.pass(6000);
  assert.deepEqual(again.lost, [[[1, { count: 101, time: START }]]], 'it may be stopped again');
  again.host.there = true;
  again.following.connected();
  const [candidate, ...others] = again.given();
  assert.equal(others.length, 0);
  again.following.settled([{ id: candidate.id }]);
  again.pass(6000);
  assert.deepEqual(again.lost.slice(1), [[]], 'it is told now');
});

test('what waits for a busy page is not saved as lost once the host is there again', () => {
  const world = bench();
  world.host.there = false;
  world.following.disconnected();
  world.call();
  world.pages.busy = true;
  world.request({});
  world.pass(6000);
  assert.deepEqual(world.lost, [[[1, { count: 1, time: START }]]]);
  world.host.there = true;
  world.following.connected();
  world.pass(6000);
  assert.deepEqual(world.lost.slice(1), [[]]);
});

test('what was lost is told once the host is there, with its tab and time', () => {
  const world = bench();
  world.following.restored([[1, { count: 3, time: START - 40_000 }]]);
  world.pass(100);
  const [{ candidates, dropped, missed }] = world.sent;
  assert.deepEqual([candidates, dropped], [[], 3]);
  assert.deepEqual(missed, [{ count: 3, time: new Date(START - 40_000).toISOString(), tab: 1, top_url: 'https://shop.example/cart' }]);
  world.pass(6000);
  assert.deepEqual(world.lost, [[]]);
});

test('nothing is saved while the host is there', () => {
  const world = bench();
  world.call();
  for (let i = 0; i < 20; i++) {
    world.request({});
    world.pass(1000);
  }
  assert.deepEqual(world.lost, []);
});
