// @ts-check
// What the host is given of requests and queues, in the form in which browsers
// tell of them, and what it is not.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';
import { Documents } from '../documents.js';
import { bodyOf, Followed, Following } from '../following.js';
import { Quota } from '../quota.js';
import { connection, Recording } from '../recording.js';
import { Tabs } from '../tabs.js';
import { Tally } from '../tally.js';
import { Watching } from '../watching.js';

const tooling = createRequire(new URL('../../.ci/package.json', import.meta.url));
const { default: Ajv } = tooling('ajv/dist/2020.js');
const ajv = new Ajv({ strict: false, validateFormats: false });
for (const name of ['record', 'wire']) ajv.addSchema(JSON.parse(readFileSync(new URL(`../../schema/${name}.schema.json`, import.meta.url), 'utf8')));
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
  /** @type {any[]} */
  const kept = [];
  const state = {
    tally: new Tally(), watching: new Watching(), tabs: new Tabs(), quota: new Quota(), followed: new Followed(saved), standIns: new Set(),
  };
  const later = (/** @type {number} */ ms, /** @type {() => void} */ then) => void timers.push({ at: clock + ms, then });
  /** @type {any} */
  const delivery = { add: (/** @type {any[]} */ records) => records };
  const recording = new Recording({
    state, documents: new Documents(), delivery, standIn: () => false, now: () => clock, later,
    called: (record) => following.called(record), queued: (relay, message) => following.queued(relay, message), changed: () => {}, taken: () => {}, asked: () => {}, step: () => {}, left: () => {},
  });
  const following = new Following({
    state, recording, now: () => clock, keep: () => void kept.push(JSON.parse(JSON.stringify(state.followed.save()))), later, unique: () => `c${++ids}`, own: 'chrome-extension://us/',
    send: (message) => {
      if (!host.there) return false;
      assert.ok(isMessage(message), `${JSON.stringify(message)}: ${ajv.errorsText(isMessage.errors)}`);
      sent.push(JSON.parse(JSON.stringify(message)));
      return true;
    },
  });
  /** @param {number} tab @param {string} document the browser's id @param {string} url @param {number} [frame] */
  const open = (tab, document, url, frame = 0) => {
    const { origin } = new URL(url);
    const relay = connection({ tab, frame, document, url, origin, incognito: false }, () => {});
    if (frame === 0) state.tabs.shows(tab, { url, title: 'Shop' });
    recording.connect(relay);
    return relay;
  };
  const shop = open(1, 'D1', 'https://shop.example/cart');
  const world = {
    state, following, recording, host, sent, kept,
    shop,
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
    /** @param {import('../recording.js').Connection} [relay] @param {number} [seq] */
    call(relay = shop, seq = 1) {
      const record = {
        v: 1, kind: 'call', id: `${SHOP}/${seq}`, seq, time: new Date(clock).toISOString(), document: SHOP, url: relay.url, title: 'Shop', args: ['chat_started'],
        pushed: [{ to: 'dataLayer', data: [1] }],
      };
      recording.heard(relay, { type: 'records', paused: false, going: false, records: [JSON.stringify(record)] });
    },
    /** @param {object} details */
    request(details) {
      following.request({
        requestId: `r${++ids}`, url: 'https://stats.example/c?e=chat_started#x', method: 'GET', type: 'image', tabId: 1, frameId: 0, timeStamp: clock,
        documentId: 'D1', initiator: 'https://shop.example', ...details,
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

test('requests of tabs with calls are given to the host, with where they are from', () => {
  const world = bench();
  world.call();
  world.request({ requestBody: { raw: [{ bytes: new TextEncoder().encode('{"a":1}').buffer }] }, method: 'POST', type: 'ping' });
  const [{ id, time, ...rest }] = world.given();
  assert.deepEqual([typeof id, time], ['string', '2026-01-01T00:00:00.000Z']);
  assert.deepEqual(rest, {
    via: 'request', to: 'https://stats.example/c?e=chat_started', tab: 1, frame: 0, document: SHOP, url: 'https://shop.example/cart',
    top_url: 'https://shop.example/cart', title: 'Shop', site: 'https://shop.example', method: 'POST', type: 'ping', body: { bytes: 'eyJhIjoxfQ==' },
  });
  // Firefox leaves the document out of what outlives it, and tells of an address.
  world.request({ documentId: undefined, initiator: undefined, originUrl: 'https://shop.example/cart' });
  const [{ document, url, site }] = world.given();
  assert.deepEqual([document, url, site], [undefined, undefined, 'https://shop.example']);
});

test('that a request has come to nothing is told with it, or afterwards', () => {
  const world = bench();
  world.call();
  world.request({ requestId: 'a' });
  world.request({ requestId: 'b' });
  world.following.failed({ requestId: 'a', timeStamp: START + 7 });
  world.following.answered({ requestId: 'b', timeStamp: START + 8, statusCode: 404 });
  const [a, b] = world.given();
  assert.deepEqual([a.failed, b.failed], ['2026-01-01T00:00:00.007Z', undefined]);
  world.following.answered({ requestId: 'b', timeStamp: START + 9, statusCode: 503 });
  const again = world.given();
  assert.deepEqual(again, [{ ...b, failed: '2026-01-01T00:00:00.009Z' }]);
  world.following.settled([{ id: a.id }, { id: b.id }]);
  world.following.failed({ requestId: 'a', timeStamp: START + 10 });
  assert.deepEqual(world.given(), []);
});

test('whose requests are given', () => {
  /** @type {[string, object, boolean][]} */
  const cases = [
    ['an image', {}, true],
    ['another tab\'s', { tabId: 2 }, false],
    ['a service worker\'s of the site', { tabId: -1, frameId: -1, documentId: undefined }, true],
    ['the same in Firefox', { tabId: -1, frameId: -1, documentId: undefined, initiator: undefined, originUrl: 'https://shop.example/worker.js' }, true],
    ['a service worker\'s of another site', { tabId: -1, frameId: -1, documentId: undefined, initiator: 'https://other.example' }, false],
    ['nobody\'s', { tabId: -1, frameId: -1, documentId: undefined, initiator: undefined }, false],
    ['one of an unknown frame', { frameId: 7, documentId: 'D7', initiator: 'null' }, true],
    ['Userlike\'s', { url: 'https://api.userlike.com/x?e=chat_started' }, false],
    ['Userlike\'s socket', { url: 'wss://umd.userlike.com/x', type: 'websocket' }, false],
    ['Userlike\'s files', { url: 'https://userlike-cdn-widgets.s3-eu-west-1.amazonaws.com/a?b', type: 'script' }, false],
    ['one that only has its name', { url: 'https://userlike.com.stats.example/x?e=chat_started' }, true],
    ['one with it as user', { url: 'https://userlike.com@stats.example/x' }, true],
    ['the extension\'s', { initiator: 'chrome-extension://us' }, false],
    ['what asks for leave', { method: 'OPTIONS', type: 'xmlhttprequest' }, false],
    ['a style', { url: 'https://shop.example/a.css', type: 'stylesheet' }, false],
    ['a style that says something', { url: 'https://shop.example/a.css?e=chat_started', type: 'stylesheet' }, true],
    ['a policy\'s report', { type: 'csp_report', method: 'POST' }, false],
    ['a page that nobody sees yet', { documentLifecycle: 'prerender' }, false],
    ['a socket', { url: 'wss://stats.example/x?e=chat_started', type: 'websocket' }, true],
  ];
  for (const [what, details, given] of cases) {
    const world = bench();
    world.call();
    world.request(details);
    assert.equal(world.given().length, given ? 1 : 0, what);
  }
});

test('a request that overtakes its call is given when that is there; others are forgotten', () => {
  const world = bench();
  world.request({ timeStamp: START });
  world.pass(6000);
  world.request({});
  assert.deepEqual(world.given(), []);
  world.call();
  assert.equal(world.given().length, 1);
  world.pass(119_000);
  world.request({});
  assert.equal(world.given().length, 1); // a batch
  world.pass(2000);
  world.request({});
  assert.deepEqual(world.given(), []);
});

test('that a request has come to nothing before its call was told is told too', () => {
  const world = bench();
  world.request({ requestId: 'a' });
  world.following.answered({ requestId: 'a', timeStamp: START + 7, statusCode: 503 });
  world.request({ requestId: 'b' });
  world.call();
  assert.deepEqual(world.given().map(({ failed }) => failed), ['2026-01-01T00:00:00.007Z', undefined]);
});

test('bodies as browsers give them', () => {
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

  const large = bodyOf({ raw: [{ bytes: new ArrayBuffer(100_000_000) }] });
  assert.deepEqual([/** @type {any} */ (large.body).bytes.length, large.size], [Math.ceil(131_072 / 3) * 4, 100_000_000]);
  const wide = bodyOf({ formData: Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`f${i}`, ['x']])) });
  assert.equal(Object.keys(/** @type {any} */ (wide.body).form).length, 1000);
  assert.equal(wide.size, Array.from({ length: 100_000 }, (_, i) => `f${i}=x&`.length).reduce((a, b) => a + b));
  const long = bodyOf({ formData: { a: ['x'.repeat(1_000_000)], b: ['y'] } });
  assert.deepEqual([/** @type {any} */ (long.body).form.a[0].length, /** @type {any} */ (long.body).form.b, long.size], [131_072, undefined, 1_000_007]);
});

test('what the browser tells of twice is given once', () => {
  const world = bench();
  world.call();
  world.request({ requestId: 'a', url: 'http://stats.example/c' });
  world.request({ requestId: 'a', url: 'https://stats.example/c' });
  world.request({ requestId: 'a', url: 'https://other.example/c' }); // sent on
  world.request({ requestId: 'b', url: 'https://stats.example/c' });
  assert.deepEqual(world.given().map(({ to }) => to), ['http://stats.example/c', 'https://other.example/c', 'https://stats.example/c']);
});

test('what a service worker passes on is given once, whichever of the two the browser tells of', () => {
  const world = bench();
  world.call();
  const body = { method: 'POST', requestBody: { raw: [{ bytes: new TextEncoder().encode('{"a":1}').buffer }] } };
  const firefox = { ...body, initiator: undefined, originUrl: 'https://shop.example/worker.js' };
  const worker = { tabId: -1, frameId: -1, documentId: undefined };
  world.request(firefox);
  world.request({ ...firefox, ...worker });
  assert.deepEqual(world.given().map(({ tab }) => tab), [1]);
  world.request({ ...firefox, ...worker }); // its own
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

test('nothing is given of what is paused, excluded or not to be followed', () => {
  /** @type {[string, (world: ReturnType<typeof bench>) => void][]} */
  const cases = [
    ['a paused tab', ({ state }) => state.watching.pause(1, true, START)],
    ['a paused site', ({ state }) => state.watching.pause('https://shop.example', true, START)],
    ['an excluded site', ({ state }) => state.watching.apply({ own: { block: ['https://shop.example'] }, managed: undefined })],
    ['an excluded path', ({ state }) => state.watching.apply({ own: { block: ['https://shop.example/cart*'] }, managed: undefined })],
    ['another site that is allowed', ({ state }) => state.watching.apply({ own: { allow: ['https://other.example'] }, managed: undefined })],
    ['following switched off', ({ state }) => state.watching.apply({ own: undefined, managed: { follow: false } })],
  ];
  for (const [what, change] of cases) {
    const world = bench();
    world.call();
    world.request({ timeStamp: START - 1 });
    world.given();
    change(world);
    world.request({});
    world.request({ tabId: -1, documentId: undefined });
    world.recording.heard(world.shop, { type: 'queued', document: SHOP, queued: [{ to: 'dataLayer', data: [1], time: new Date(START + 1).toISOString() }], dropped: 0 });
    assert.deepEqual(world.given(), [], what);
  }
});

test('what is found in queues is given as the document\'s own, after a call', () => {
  const world = bench();
  const queued = [{ to: 'dataLayer', data: [{ event: 'x' }], notes: [{ at: '/0/y', is: 'undefined' }], time: new Date(START).toISOString() }];
  world.call();
  world.recording.heard(world.shop, { type: 'queued', document: SHOP, queued, dropped: 2 });
  world.pass(100);
  const [{ candidates: [{ id, ...rest }], dropped }] = world.sent;
  assert.deepEqual([typeof id, dropped], ['string', 2]);
  assert.deepEqual(rest, {
    ...queued[0], via: 'queue', tab: 1, frame: 0, document: SHOP, url: 'https://shop.example/cart', top_url: 'https://shop.example/cart', title: 'Shop',
  });
  world.given();
  const other = '11234567-89ab-4def-8123-456789abcdef';
  world.recording.heard(world.shop, { type: 'queued', document: other, queued, dropped: 0 }); // it speaks for another
  world.recording.heard(world.shop, { type: 'queued', document: SHOP, queued: [{ to: 'dataLayer', data: 7 }], dropped: 0 });
  world.recording.heard(world.shop, { type: 'queued', document: SHOP, queued: [{ ...queued[0], to: 'data layer' }], dropped: 0 });
  assert.deepEqual(world.given(), []);
});

test('what the host has not settled goes to the next host, and no more than is kept', () => {
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

test('another life of the background follows the same tabs', () => {
  const before = bench();
  before.call();
  before.call(before.shop, 2);
  assert.equal(before.kept.length, 1); // at once: that life may end now
  const world = bench(before.kept[0]);
  world.request({});
  world.request({ tabId: -1, documentId: undefined });
  world.request({ tabId: 2 });
  assert.equal(world.given().length, 2);
});

test('what is bounded of requests before any call', () => {
  const world = bench();
  for (let i = 0; i < 1000; i++) world.request({ url: `https://a.example/${i}`, requestBody: { raw: [{ bytes: new ArrayBuffer(1_000_000) }] } });
  world.call();
  assert.deepEqual(world.given().map(({ to }) => to).at(-1), 'https://a.example/999');
  const flood = bench();
  for (let i = 0; i < 1000; i++) flood.request({ url: `https://a.example/${i}` });
  flood.call();
  assert.equal(flood.given().length, 200);
});
