// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { Tally } from '../tally.js';
import { english as say } from './words.js';

const opened = { kind: 'page', event: 'opened', tab: 1, frame: 0 };
const hooked = { kind: 'page', event: 'hooked', tab: 1, frame: 0 };
const call = { kind: 'call', tab: 1, frame: 0 };

test('the badge counts calls until there are findings, and then those', () => {
  const tally = new Tally();
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

test('the end of a document does not bring back a tab that was forgotten', () => {
  const tally = new Tally();
  for (const r of [opened, call]) tally.seen(r);
  tally.forget(1);
  tally.seen({ ...opened, event: 'closed' });
  assert.deepEqual(tally.save(), []);
});

test('the last calls are there with their verdicts, newest first', () => {
  const tally = new Tally();
  for (let n = 1; n <= 8; n++) tally.seen({ ...call, id: `d/${n}`, time: '2026-11-22T10:00:00.000Z', args: [`e${n}`] });
  tally.seen({ ...call, id: 'd/9', args: [] });
  tally.judged({ ...call, id: 'd/8' }, { error: 2 });
  tally.judged({ ...call, id: 'd/1' }, { error: 1 });
  assert.deepEqual(tally.of(1).recent.map((c) => [c.name, c.verdict?.error]),
    [['', undefined], ['e8', 2], ['e7', undefined], ['e6', undefined], ['e5', undefined], ['e4', undefined]]);
});

test('a new top document starts anew, a frame does not', () => {
  const tally = new Tally();
  for (const r of [opened, call, { ...opened, frame: 5 }]) tally.seen(r);
  assert.equal(tally.of(1).calls, 1);
  assert.equal(tally.of(1).documents, 2);
  tally.seen(opened);
  assert.equal(tally.of(1).calls, 0);
});

test('tabs are apart, and survive the background', () => {
  const tally = new Tally();
  tally.seen(call);
  tally.seen({ ...call, tab: 2 });
  tally.seen({ kind: 'call' }); // a record whose tab nobody knows
  tally.forget(2);
  const again = new Tally(JSON.parse(JSON.stringify(tally.save())));
  assert.equal(again.of(1).calls, 1);
  assert.equal(again.of(2).calls, 0);
});
