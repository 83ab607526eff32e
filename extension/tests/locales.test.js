// @ts-check
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { messages } from './locales.js';

const root = new URL('../', import.meta.url);
const locales = readdirSync(new URL('_locales/', root));

test('every locale has every message, with the same values in it', () => {
  assert.ok(locales.includes('de'));
  const en = messages('en');
  for (const locale of locales) {
    const there = messages(locale);
    assert.deepEqual(Object.keys(there), Object.keys(en), locale);
    assert.equal(there.language?.message, locale);
    for (const [key, { message }] of Object.entries(there)) {
      assert.ok(message.trim(), `${locale}: ${key} is empty`);
      /** @param {string} s */
      const values = (s) => [...new Set(s.match(/\$\d/g))].sort();
      assert.deepEqual(values(message), values(en[key]?.message ?? ''), `${locale}: ${key}`);
    }
  }
});

// Keys are found by how they are used: as an argument of say or number, as a value of
// data-say or of a problem's key, and those of the glossary as states.
test('every message that is used exists, and every message is used', () => {
  const en = messages('en');
  /** @type {Set<string>} */
  const used = new Set();
  for (const file of readdirSync(root)) {
    if (!/\.(js|html)$|^manifest\.json$/.test(file)) continue;
    const text = readFileSync(new URL(file, root), 'utf8');
    for (const [, a, b, c] of text.matchAll(/data-say="(\w+)"|__MSG_(\w+)__|\bkey: '(\w+)'/g)) used.add(a ?? b ?? String(c));
    for (const [, words] of text.matchAll(/\bsay\(([^()]*)/g)) {
      for (const [, key] of String(words).matchAll(/'([a-zA-Z]\w*)'(?! \?)/g)) used.add(String(key));
    }
    for (const [, noun] of text.matchAll(/\bnumber\(say, '(\w+)'/g)) used.add(`${noun}`).add(`${noun}One`);
    if (!/^(diagnosis|scope)\.js$/.test(file)) continue;
    for (const [, state, other] of text.matchAll(/(?<!=== )'([a-z]+(?:-[a-z]+)+)'|term\(say, '(\w+)'\)/g)) {
      const key = String(state ?? other).replaceAll('-', '_');
      used.add(`state_${key}`).add(`remedy_${key}`);
    }
  }
  // The host sends these states of pages by their names.
  const wire = JSON.parse(readFileSync(new URL('../schema/wire.schema.json', root), 'utf8'));
  for (const state of wire.$defs.pageState.enum) {
    const key = state.replaceAll('-', '_');
    used.add(`state_${key}`).add(`remedy_${key}`);
  }
  used.delete('remedy_calls_arrive'); // that state needs no remedy
  assert.deepEqual([...used].filter((key) => !(key in en)), [], 'used, and not there');
  assert.deepEqual(Object.keys(en).filter((key) => !used.has(key)), [], 'there, and not used');
});
