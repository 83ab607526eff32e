// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { placeOf, Watching } from '../watching.js';

/** @type {import('../watching.js').Where} */
const shop = { tab: 1, top: 'https://shop.example/a', others: [], incognito: false };

test('a site is watched unless it is excluded', () => {
  const watching = new Watching();
  assert.ok(watching.free);
  assert.equal(watching.of(shop).excluded, '');
  const frame = { ...shop, others: ['https://ads.example/x'] };
  for (const [own, managed, where, excluded] of /** @type {[object, object, object, string][]} */ ([
    [{ block: ['https://shop.example'] }, {}, shop, 'site-excluded'],
    [{ block: ['https://other.example'] }, {}, shop, ''],
    [{ allow: ['https://shop.example'] }, {}, shop, ''],
    [{ allow: ['https://other.example'] }, {}, shop, 'site-excluded'],
    [{ allow: ['https://shop.example'], block: ['https://shop.example/a'] }, {}, shop, 'site-excluded'],
    [{}, { block: ['https://shop.example'] }, shop, 'site-excluded'],
    [{ block: ['https://shop.example'] }, {}, frame, 'site-excluded'],
    [{ block: ['https://ads.example'] }, {}, frame, 'site-excluded'],
    [{ allow: ['https://shop.example'] }, {}, frame, ''],
    [{ allow: ['https://ads.example'] }, {}, frame, 'site-excluded'],
    [{ private: false }, {}, shop, ''],
    [{ private: false }, {}, { ...shop, incognito: true }, 'private-excluded'],
  ])) {
    watching.apply({ own, managed });
    assert.ok(!watching.free);
    assert.equal(watching.of(/** @type {any} */ (where)).excluded, excluded, JSON.stringify({ own, managed, where }));
  }
  watching.apply({ own: { limits: { depth: 5 } }, managed: undefined });
  assert.ok(watching.free);
  assert.equal(watching.limits, '65536 5 20000 1048576');
});

test('what has no address of its own is where who opened it was', () => {
  for (const [url, origin, opener, want] of /** @type {[string, string, string, string][]} */ ([
    ['https://shop.example/a', 'https://shop.example', 'https://bank.example/login', 'https://shop.example/a'],
    ['about:blank', 'https://bank.example', 'https://bank.example/login', 'https://bank.example/login'],
    ['about:blank', '', 'https://bank.example/login', 'https://bank.example/login'],
    ['about:blank', 'https://bank.example', '', 'https://bank.example/'],
    ['about:blank', 'https://bank.example', 'https://shop.example/', 'https://bank.example/'],
    ['blob:https://bank.example/0b9a', 'https://bank.example', 'https://bank.example/login', 'https://bank.example/login'],
    ['blob:https://bank.example/0b9a', '', '', 'https://bank.example/'],
    ['data:text/html,x', 'null', 'https://bank.example/login', 'https://bank.example/login'],
    ['about:blank', 'null', '', 'about:blank'],
    ['about:newtab', '', '', 'about:newtab'],
  ])) assert.equal(placeOf(url, origin, opener), want, JSON.stringify([url, origin, opener]));
});

test('a tab or a site is paused until it is resumed, or the browser ends', () => {
  const watching = new Watching();
  watching.pause(1, true, 1000);
  watching.pause('https://other.example', true, 1000);
  const again = new Watching(JSON.parse(JSON.stringify(watching.save()))); // another life of the background
  assert.ok(!again.free);
  assert.equal(again.of(shop).paused, 'tab');
  assert.equal(again.of({ ...shop, tab: 2 }).paused, '');
  assert.equal(again.of({ ...shop, tab: 2, top: 'https://other.example/b' }).paused, 'site');
  assert.equal(again.of({ ...shop, tab: 2, others: ['https://other.example/frame'] }).paused, 'site');
  again.pause(1, false, 2000);
  again.pause('https://other.example', false, 2000);
  assert.ok(again.free);
  assert.equal(again.of(shop).paused, '');
});

test('what was made in a pause is known by its time, also when the pause is over', () => {
  const watching = new Watching();
  watching.pause(1, true, 1000);
  watching.pause(1, true, 1500); // it is paused already
  assert.equal(watching.since(shop), 1000);
  assert.deepEqual([999, 1000, 5000].map((time) => watching.paused(shop, time)), [false, true, true]);
  watching.pause(1, false, 2000);
  assert.equal(watching.since(shop), 0);
  assert.deepEqual([999, 1000, 2000, 2001].map((time) => watching.paused(shop, time)), [false, true, true, false]);
  assert.equal(watching.paused({ ...shop, tab: 2 }, 1500), false);
  for (let n = 0; n < 1000; n++) {
    watching.pause(2, true, 3000 + n);
    watching.pause(2, false, 3000 + n);
  }
  assert.ok(watching.save().length <= 201, 'not every pause is remembered for ever');
});
