// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { Tally } from '../tally.js';
import { english as say } from './locales.js';

const document = 'd';
const opened = { kind: 'page', event: 'opened', tab: 1, frame: 0, document };
const hooked = { kind: 'page', event: 'hooked', tab: 1, frame: 0, document };
const call = { kind: 'call', tab: 1, frame: 0, document };

/** The tally of a page of tab 1 that has sent records. @param {any[]} records */
const after = (...records) => {
  const tally = new Tally();
  tally.introduce(1, document, true);
  for (const r of records) tally.seen(r);
  return tally;
};

test('the badge shows the number of calls, or of errors and warnings if there are any', () => {
  const tally = after();
  const badge = () => tally.badge(1, false, say);
  assert.equal(badge().text, '');
  for (const r of [opened, hooked, call, call]) tally.seen(r);
  assert.equal(badge().text, '2');
  const calm = badge().color;
  tally.judged(call, { warning: 2, info: 5 });
  assert.equal(badge().text, '2');
  const warned = badge().color;
  tally.judged(call, { error: 1 });
  assert.equal(badge().text, '3');
  assert.equal(new Set([calm, warned, badge().color]).size, 3);
  for (let i = 0; i < 2000; i++) tally.judged(call, { error: 1 });
  assert.equal(badge().text, '999+');
  assert.equal(badge().title, 'Userlike Inspector: 2 calls, 2001 errors, 2 warnings');
  assert.equal(tally.badge(1, true, say).text, 'off');
  assert.match(tally.badge(1, true, say).title, /paused/);
});

test('a call is counted whatever the page passes as the event\'s name', () => {
  const odd = [{ toString: null }, { toString() { throw new Error('no'); } }, Object.create(null), [[[]]], 7, null, true];
  const tally = after(...odd.map((name, i) => ({ ...call, id: `d/${i}`, args: [name] })), { ...call, args: undefined });
  assert.equal(tally.of(1).calls, odd.length + 1);
  assert.deepEqual([...new Set(tally.of(1).recent.map((c) => c.name))], ['']);
  assert.equal(tally.badge(1, false, say).text, String(odd.length + 1));
});

test('the end of a document does not bring back a tab that was forgotten', () => {
  const tally = after(opened, call);
  tally.forget(1);
  tally.seen({ ...opened, event: 'closed' });
  assert.deepEqual(tally.save(), []);
});

test('the last calls are there with their verdicts, newest first', () => {
  const tally = after();
  for (let n = 1; n <= 8; n++) tally.seen({ ...call, id: `d/${n}`, time: '2026-11-22T10:00:00.000Z', args: [`e${n}`] });
  tally.seen({ ...call, id: 'd/9', args: [] });
  tally.judged({ ...call, id: 'd/8' }, { error: 2 });
  tally.judged({ ...call, id: 'd/1' }, { error: 1 });
  assert.deepEqual(tally.of(1).recent.map((c) => [c.name, c.verdict?.error]),
    [['', undefined], ['e8', 2], ['e7', undefined], ['e6', undefined], ['e5', undefined], ['e4', undefined]]);
});

test('a simulated call is marked as such', () => {
  const tally = after({ ...call, id: 'd/1', args: ['a'] }, { ...call, id: 'd/2', args: ['b'], simulated: true });
  assert.deepEqual(tally.of(1).recent.map((c) => [c.name, c.simulated]), [['b', true], ['a', false]]);
});

test('a new top document resets the counts; a frame, or the same document again, does not', () => {
  const tally = after(opened, hooked, call);
  tally.introduce(1, 'frame', false);
  tally.introduce(1, document, true);
  assert.equal(tally.of(1).calls, 1);
  assert.deepEqual(tally.of(1).documents, [document, 'frame']);
  tally.introduce(1, 'next', true);
  assert.equal(tally.of(1).calls, 0);
  tally.seen({ ...call, tab: 1 });
  tally.judged({ ...call, tab: 1 }, { error: 1 });
  assert.equal(tally.badge(1, false, say).text, '', 'late records of the page before do not count for the next one');
});

test('a page that was left has no counts, and has them again when it comes back', () => {
  const tally = after(opened, hooked, call);
  tally.left(1, 'another');
  assert.equal(tally.of(1).calls, 1);
  tally.left(1, document);
  assert.deepEqual(tally.of(1).documents, []);
  tally.introduce(1, document, true);
  assert.equal(tally.of(1).calls, 1);
  assert.deepEqual(tally.of(1).hooked, [document]);
});

test('calls that the tester did not want recorded do not count as lost', () => {
  const gap = { kind: 'gap', tab: 1, document, lost: 3 };
  assert.equal(after({ ...gap, why: 'paused by the tester' }, { ...gap, why: "the extension's options exclude this address" }).of(1).lost, 0);
  assert.equal(after({ ...gap, why: 'too many calls waited for the background to take them' }).of(1).lost, 3);
});

test('each tab has counts of its own, which survive a restart of the background', () => {
  const tally = after(call);
  tally.introduce(2, 'e', true);
  tally.seen({ ...call, tab: 2, document: 'e' });
  tally.seen({ kind: 'call' }); // a record whose tab nobody knows
  tally.forget(2);
  const again = new Tally(JSON.parse(JSON.stringify(tally.save())));
  assert.equal(again.of(1).calls, 1);
  assert.equal(again.of(2).calls, 0);
});
