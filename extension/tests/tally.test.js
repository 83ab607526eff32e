// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { hops } from '../hops.js';
import { Tally } from '../tally.js';

const opened = { kind: 'page', event: 'opened', tab: 1, frame: 0 };
const hooked = { kind: 'page', event: 'hooked', tab: 1, frame: 0 };
const call = { kind: 'call', tab: 1, frame: 0 };

test('the badge counts calls until there are findings, and then those', () => {
  const tally = new Tally();
  assert.equal(tally.badge(1).text, '');
  for (const r of [opened, hooked, call, call]) tally.seen(r);
  assert.equal(tally.badge(1).text, '2');
  const calm = tally.badge(1).color;
  tally.judged(call, { warning: 2, info: 5 });
  assert.equal(tally.badge(1).text, '2');
  const warned = tally.badge(1).color;
  tally.judged(call, { error: 1 });
  assert.equal(tally.badge(1).text, '3');
  assert.equal(new Set([calm, warned, tally.badge(1).color]).size, 3);
  for (let i = 0; i < 2000; i++) tally.judged(call, { error: 1 });
  assert.equal(tally.badge(1).text, '999+');
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

test('each hop that fails says so, with the remedy', () => {
  const good = {
    version: '1', host: { state: /** @type {const} */ ('ready'), message: '', version: '1' }, store: { ok: true, message: '' },
    waiting: 0, problem: '', tab: new Tally([[1, { calls: 1, error: 0, warning: 0, info: 0, documents: 1, hooked: 1, handler: 'appeared', client: true, lost: 0, recent: [] }]]).of(1),
  };
  assert.deepEqual(hops(good).map((h) => h.state), ['good', 'good', 'good', 'good']);
  /** @type {[Partial<typeof good> | object, string, string, RegExp][]} */
  const cases = [
    [{ tab: { ...good.tab, handler: 'shadowed' } }, 'Page', 'bad', /let, const or class/],
    [{ tab: { ...good.tab, handler: 'not-writable' } }, 'Page', 'bad', /locked/],
    [{ tab: { ...good.tab, calls: 0, handler: '' } }, 'Page', 'unsure', /no userlikeTrackingEvent/],
    [{ tab: { ...good.tab, documents: 0 } }, 'Capture', 'bad', /Reload/],
    [{ tab: { ...good.tab, hooked: 0 } }, 'Capture', 'bad', /does not answer/],
    [{ tab: { ...good.tab, lost: 3 } }, 'Capture', 'bad', /3 calls/],
    [{ host: { state: 'gone', message: 'Specified native messaging host not found.', version: '' } }, 'Host', 'bad', /does not know/],
    [{ host: { state: 'gone', message: 'No such native application userlike_inspector', version: '' } }, 'Host', 'bad', /does not know/],
    [{ host: { state: 'gone', message: 'Access to the specified native messaging host is forbidden.', version: '' } }, 'Host', 'bad', /does not allow/],
    [{ host: { state: 'gone', message: 'Failed to start native messaging host.', version: '' } }, 'Host', 'bad', /cannot be started/],
    [{ host: { state: 'gone', message: 'Native host has exited.', version: '' } }, 'Host', 'bad', /ends as soon/],
    [{ host: { state: 'gone', message: 'The native host does not answer.', version: '' } }, 'Host', 'bad', /restart the browser/],
    [{ host: { state: 'gone', message: 'Something new.', version: '' } }, 'Host', 'bad', /Something new.*doctor/],
    [{ host: { state: 'refused', message: 'Update the host.', version: '0' } }, 'Host', 'bad', /Update the host/],
    [{ store: { ok: false, message: 'Disk full.' } }, 'Store', 'bad', /Disk full/],
    [{ problem: 'Storage is full.' }, 'Store', 'bad', /Storage is full/],
  ];
  for (const [change, name, state, text] of cases) {
    const hop = hops(/** @type {any} */ ({ ...good, ...change })).find((h) => h.name === name);
    assert.equal(hop?.state, state, name);
    assert.match(hop?.text ?? '', text);
  }
});
