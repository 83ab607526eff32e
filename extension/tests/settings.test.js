// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { LIMIT_NAMES, LIMITS, matches, patternProblem, readPatterns, readSettings } from '../settings.js';
import { pausedGap, siteOf, Watching } from '../watching.js';
import { english as say } from './words.js';

const sites = JSON.parse(readFileSync(new URL('../../schema/testdata/sites.json', import.meta.url), 'utf8'));

// nativehost/internal/plan/sites_test.go runs the same cases: a plan's sites are told
// from others by the same rules.
test('patterns match as those of plans do', () => {
  assert.ok(sites.matches.length > 0);
  for (const [pattern, address, want] of sites.matches) {
    assert.equal(patternProblem(pattern), null, pattern);
    assert.equal(matches(pattern, address), want, `${pattern} on ${address}`);
  }
});

test('a pattern that could match nothing is refused, with the reason', () => {
  assert.ok(sites.refused.length > 0);
  for (const pattern of sites.refused) assert.ok(patternProblem(pattern), pattern);
  for (const [pattern, reason] of /** @type {[string, RegExp][]} */ ([
    ['shop.example', /write https:\/\/shop.example$/],
    ['//shop.example/*', /write https:\/\/shop.example\/\*$/],
    ['chrome://settings/*', /“chrome:” cannot be recorded/],
    ['https:///*', /no host/],
    ['file://home/*', /file:\/\/\//],
    ['https://shop example/*', /“shop example” is no host/],
    ['https://*müller.example/*', /“\*müller.example” is no host/],
    ['https://shop.example:99999/*', /“99999” is no port/],
  ])) {
    const problem = patternProblem(pattern);
    assert.ok(problem, pattern);
    assert.match(say(problem.key, ...problem.values), reason, pattern);
  }
  assert.deepEqual(readPatterns(' https://a.example/* \n\nnonsense\nhttps://a.example/*'), {
    patterns: ['https://a.example/*'],
    problems: [{ key: 'patternNoScheme', values: ['https://nonsense'], line: 3 }],
  });
});

test('what the administrator has set wins, and what makes no sense counts as not set', () => {
  const own = { allow: ['https://own.example/*'], block: ['https://a.example'], private: false, limits: { depth: 10, nodes: -1, size: '1' } };
  const { settings, locked, problems } = readSettings(own, {
    allow: ['https://shop.example/*', 'nonsense'], private: true, limits: { string: 200, depth: 1000 }, block: 'https://a.example',
  });
  assert.deepEqual(settings, {
    allow: ['https://shop.example/*'], block: ['https://a.example'], private: true,
    limits: { string: 200, depth: 10, nodes: LIMITS.nodes.usual, size: LIMITS.size.usual },
  });
  assert.deepEqual([...locked].sort(), ['allow', 'private', 'string']);
  assert.deepEqual(problems.map((p) => p.name), ['allow', 'block', 'depth']);
  for (const nothing of [undefined, null, 7, 'text', [], {}]) {
    assert.deepEqual(readSettings(nothing, nothing).settings, readSettings(undefined, undefined).settings);
  }
});

test('administrators are told of every option', () => {
  const { properties } = JSON.parse(readFileSync(new URL('../managed.json', import.meta.url), 'utf8'));
  const { limits, ...rest } = readSettings(undefined, undefined).settings;
  assert.deepEqual(Object.keys(properties).sort(), [...Object.keys(rest), 'limits'].sort());
  assert.deepEqual(Object.keys(properties.limits.properties), Object.keys(limits));
  for (const name of LIMIT_NAMES) {
    const { minimum, maximum } = properties.limits.properties[name];
    assert.deepEqual([minimum, maximum], [LIMITS[name].least, LIMITS[name].most], name);
  }
});

const shop = { tab: 1, address: 'https://shop.example/a', incognito: false };

test('a site is watched unless it is excluded', () => {
  const watching = new Watching();
  assert.ok(watching.free);
  assert.equal(watching.of(shop).excluded, '');
  for (const [own, managed, where, excluded] of /** @type {[object, object, object, string][]} */ ([
    [{ block: ['https://shop.example'] }, {}, shop, 'site-excluded'],
    [{ block: ['https://other.example'] }, {}, shop, ''],
    [{ allow: ['https://shop.example'] }, {}, shop, ''],
    [{ allow: ['https://other.example'] }, {}, shop, 'site-excluded'],
    [{ allow: ['https://shop.example'], block: ['https://shop.example/a'] }, {}, shop, 'site-excluded'],
    [{}, { block: ['https://shop.example'] }, shop, 'site-excluded'],
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

test('a tab or a site is paused until it is resumed, or the browser ends', () => {
  const watching = new Watching();
  watching.pause(1, true);
  watching.pause('https://other.example', true);
  const again = new Watching(JSON.parse(JSON.stringify(watching.save()))); // another life of the background
  assert.ok(!again.free);
  assert.equal(again.of(shop).paused, 'tab');
  assert.equal(again.of({ ...shop, tab: 2 }).paused, '');
  assert.equal(again.of({ ...shop, tab: 2, address: 'https://other.example/b' }).paused, 'site');
  again.pause(1, false);
  again.pause('https://other.example', false);
  assert.ok(again.free);
  assert.deepEqual(['https://a.example:8/b?c', 'file:///home/a', 'about:blank', 'chrome://settings', ''].map(siteOf),
    ['https://a.example:8', 'file://', '', '', '']);
});

test('the gap of a paused page says nothing of the page but its site', () => {
  const { time, ...gap } = pausedGap({
    kind: 'call', tab: 1, frame: 0, document: 'd', url: 'https://shop.example/secret?a', top_url: 'https://top.example/secret', title: 'Secret', args: ['secret'],
  }, 'd/3', 3, 2);
  assert.ok(Date.parse(time) > 0);
  assert.deepEqual(gap, {
    v: 1, kind: 'gap', id: 'd/3', seq: 3, tab: 1, frame: 0, document: 'd', url: 'https://shop.example', top_url: 'https://top.example',
    lost: 2, why: 'paused by the tester',
  });
});
