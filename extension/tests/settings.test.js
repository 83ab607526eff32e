// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { LIMIT_NAMES, LIMITS, matches, patternProblem, readPatterns, readPlaces, readSettings } from '../settings.js';
import { english as say } from './locales.js';

const sites = JSON.parse(readFileSync(new URL('../../schema/testdata/sites.json', import.meta.url), 'utf8'));

// nativehost/internal/plan/sites_test.go runs the same cases, because a plan's sites follow
// the same rules.
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

test('the administrator\'s options win, and values that make no sense count as not set', () => {
  const own = {
    allow: ['https://own.example/*'],
    block: ['https://a.example'],
    private: false,
    follow: false,
    trace: ['http://Stats.shop.example:8080/collect', '*'],
    limits: { depth: 10, nodes: -1, size: '1' },
  };
  const { settings, locked, problems } = readSettings(own, {
    allow: ['https://shop.example/*', 'nonsense'], private: true, limits: { string: 200, depth: 1000 }, block: 'https://a.example',
  });
  assert.deepEqual(settings, {
    allow: ['https://shop.example/*'], block: ['https://a.example'], private: true, follow: false, trace: ['stats.shop.example/collect'],
    limits: { string: 200, depth: 10, nodes: LIMITS.nodes.usual, size: LIMITS.size.usual },
  });
  assert.deepEqual([...locked].sort(), ['allow', 'private', 'string']);
  assert.deepEqual(problems.map((p) => p.name), ['block', 'allow', 'depth']);
  for (const nothing of [undefined, null, 7, 'text', [], {}]) {
    assert.deepEqual(readSettings(nothing, nothing).settings, readSettings(undefined, undefined).settings);
  }
});

test('places are hosts, with a path if there is one', () => {
  /** @type {[string, string, string][]} */
  const cases = [
    ['stats.shop.example', 'stats.shop.example', ''],
    [' Stats.Shop.EXAMPLE/ ', 'stats.shop.example', ''],
    ['https://a.example:8443/g/collect', 'a.example/g/collect', ''],
    ['bücher.example/ä', 'xn--bcher-kva.example/%C3%A4', ''],
    ['[::1]:80/x', '[::1]/x', ''],
    ['localhost', 'localhost', ''],
    ['a.example/x?y=1', '', 'placeQuery'],
    ['a.example#x', '', 'placeQuery'],
    ['*.a.example', '', 'placeHost'],
    ['a b', '', 'placeHost'],
    ['/collect', '', 'placeHost'],
    ['ftp://a.example', '', 'placeHost'],
    ['a.example:x', '', 'placeHost'],
    ['a@b.example', '', 'placeHost'],
    ['a.example:', '', 'placeHost'],
  ];
  for (const [text, place, problem] of cases) {
    const { patterns, problems } = readPlaces(text);
    assert.deepEqual([patterns.join(), problems.map(({ key }) => key).join()], [place, problem], text);
  }
  assert.deepEqual(readPlaces('a.example\n\n?\nhttp://a.example').problems.map(({ line }) => line), [3]);
});

test('the schema for administrators has every option', () => {
  const { properties } = JSON.parse(readFileSync(new URL('../managed.json', import.meta.url), 'utf8'));
  const { limits, ...rest } = readSettings(undefined, undefined).settings;
  assert.deepEqual(Object.keys(properties).sort(), [...Object.keys(rest), 'limits'].sort());
  assert.deepEqual(Object.keys(properties.limits.properties), Object.keys(limits));
  for (const name of LIMIT_NAMES) {
    const { minimum, maximum } = properties.limits.properties[name];
    assert.deepEqual([minimum, maximum], [LIMITS[name].least, LIMITS[name].most], name);
  }
});
