// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { placeOf, Scope } from '../scope.js';

/** @type {import('../scope.js').Where} */
const shop = { tab: 1, top: 'https://shop.example/a', others: [], incognito: false };

test('a site is watched unless it is excluded', () => {
  const scope = new Scope();
  assert.ok(scope.free);
  assert.equal(scope.of(shop).excluded, '');
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
    scope.apply({ own, managed });
    assert.ok(!scope.free);
    assert.equal(scope.of(/** @type {any} */ (where)).excluded, excluded, JSON.stringify({ own, managed, where }));
  }
  scope.apply({ own: { limits: { depth: 5 } }, managed: undefined });
  assert.ok(scope.free);
  assert.equal(scope.limits, '65536 5 20000 1048576');
});

test('a document without an address of its own gets that of its opener', () => {
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
  const scope = new Scope();
  scope.pause(1, true, 1000);
  scope.pause('https://other.example', true, 1000);
  const again = new Scope(JSON.parse(JSON.stringify(scope.save()))); // after a restart of the background
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

test('records made in a pause are recognised by their time, also when the pause is over', () => {
  const scope = new Scope();
  scope.pause(1, true, 1000);
  scope.pause(1, true, 1500); // it is paused already
  assert.equal(scope.since(shop), 1000);
  assert.deepEqual([999, 1000, 5000].map((time) => scope.paused(shop, time)), [false, true, true]);
  scope.pause(1, false, 2000);
  assert.equal(scope.since(shop), 0);
  assert.deepEqual([999, 1000, 2000, 2001].map((time) => scope.paused(shop, time)), [false, true, true, false]);
  assert.equal(scope.paused({ ...shop, tab: 2 }, 1500), false);
  for (let n = 0; n < 1000; n++) {
    scope.pause(2, true, 3000 + n);
    scope.pause(2, false, 3000 + n);
  }
  assert.ok(scope.save().length <= 201, 'not every pause is remembered for ever');
});
