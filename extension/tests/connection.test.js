// @ts-check
// How a recorder's records reach the background: restarts, pauses, and pages that leave and come back.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ID, PAUSED, visit } from './visit.js';

test('a page that is left writes each record to the storage once', () => {
  const v = visit();
  v.background.dead = true;
  for (let i = 0; i < 200; i++) v.call('x'.repeat(1000));
  v.recorder.leave();
  for (let i = 0; i < 80; i++) v.call('y');
  v.recorder.left();
  const written = v.spool.flatMap(({ entry }) => entry.records);
  assert.equal(written.length, 282);
  assert.equal(new Set(written).size, 282);
  assert.equal(new Set(v.spool.map(({ key }) => key)).size, v.spool.length);
});

test('at whatever point the background restarts, every call is recorded once', () => {
  for (const unheard of [false, true]) {
    for (const acks of [false, true]) {
      for (let point = 0; point < 14; point++) {
        const v = visit();
        v.background.acks = acks;
        v.recorder.met(true);
        v.call('a');
        v.step(point);
        v.call('b', 'threw\nN\nTypeError: x');
        v.breakPort(unheard);
        v.call('c');
        v.rest();
        v.call('d');
        v.rest();
        v.recorder.leave();
        v.call('e');
        v.recorder.left();
        v.settle();
        const told = v.told();
        assert.deepEqual(told, ['page opened', 'page hooked', 'call a', 'call b TypeError: x', 'call c', 'call d', 'call e', 'page closed'], `point ${point}`);
      }
    }
  }
});

test('a page that is left is recorded, whatever state the background is in', () => {
  for (const how of ['dead', 'broken', 'never connected']) {
    const v = visit();
    if (how !== 'never connected') v.settle();
    if (how === 'broken') v.breakPort(true);
    v.background.dead = how === 'dead';
    v.recorder.leave();
    v.call('a');
    v.recorder.left();
    v.settle();
    assert.deepEqual(v.told(), ['page opened', 'call a', 'page closed'], how);
  }
});

test('a pause holds from its beginning, also for records that are on their way', () => {
  for (const restart of [false, true]) {
    for (let point = 0; point < 14; point++) {
      const v = visit();
      v.settle();
      v.page.now += 10;
      v.call('before');
      v.settle();
      v.page.now += 10;
      if (restart) v.breakPort(); // the worker was stopped, and the popup starts it
      v.background.paused = true;
      v.background.since = v.page.now;
      v.call('paused 1');
      v.step(point);
      v.call('paused 2');
      if (!restart) v.watch();
      v.rest();
      v.call('paused 3');
      v.rest();
      v.background.paused = false;
      v.watch();
      v.settle();
      v.call('after');
      v.rest();
      assert.deepEqual(v.calls(), ['before', 'after'], `point ${point}`);
      assert.equal(v.lost(PAUSED), 3, `point ${point}`);
    }
  }
});

test('calls that were made before a pause are not lost with it', () => {
  const v = visit();
  v.settle();
  v.call('before');
  v.page.now += 1000;
  v.background.paused = true;
  v.background.since = v.page.now;
  v.call('paused');
  v.watch();
  v.settle();
  assert.deepEqual(v.calls(), ['before']);
});

test('after a pause that ended while the port was broken, every call is recorded', () => {
  const v = visit({ restricted: true });
  v.background.paused = true;
  v.settle();
  v.call('paused');
  v.settle();
  v.breakPort();
  v.background.paused = false;
  v.call('after 1');
  v.call('after 2');
  v.rest();
  assert.deepEqual(v.calls(), ['after 1', 'after 2']);
  assert.equal(v.lost(PAUSED), 1);
});

test('a page that comes back from the cache sends nothing before the background has answered', () => {
  for (const unheard of [false, true]) {
    const v = visit();
    v.recorder.met(true);
    v.call('a');
    v.settle();
    v.recorder.leave();
    v.recorder.left();
    v.settle();
    if (!unheard) v.breakPort();
    v.background.paused = true;
    v.page.now += 10;
    v.background.since = v.page.now;
    v.sent.length = 0;
    v.recorder.returned();
    v.call('b');
    v.step(1); // it could send now
    assert.deepEqual(v.sent, []);
    v.settle();
    assert.deepEqual(v.told(), ['page opened', 'page hooked', 'call a', 'page closed', 'page opened', 'gap 1']);
    assert.deepEqual([...v.stored.values()].filter((r) => r.seq > 4).map((r) => [r.url, r.title]), [
      ['https://shop.example', undefined], ['https://shop.example', undefined],
    ]);
  }
});

test('of a page that is left again before the answer, the background decides what is recorded', () => {
  for (const paused of [false, true]) {
    const v = visit();
    v.call('a');
    v.settle();
    v.recorder.leave();
    v.recorder.left();
    v.settle();
    v.background.paused = paused;
    v.background.since = v.page.now += 10;
    v.recorder.returned();
    v.call('b');
    v.recorder.leave();
    v.recorder.left();
    v.settle();
    assert.deepEqual(v.calls(), paused ? ['a'] : ['a', 'b']);
    assert.equal(v.lost(PAUSED), paused ? 1 : 0);
    assert.ok(v.spool.every(({ entry }) => !entry.paused));
  }
});

test('if any site is excluded, nothing is sent before the background has answered', () => {
  const v = visit({ restricted: true });
  v.call('secret');
  v.step(1);
  assert.deepEqual(v.sent, []);
  v.background.excluded = true;
  v.settle();
  assert.equal(v.page.over, true);
  v.call('secret');
  v.recorder.leave();
  v.recorder.left();
  v.settle();
  assert.deepEqual([v.sent, v.spool, [...v.stored]], [[], [], []]);
});

test('if any site is excluded, a page that is left before the answer writes nothing to the storage', () => {
  const v = visit({ restricted: true });
  v.call('secret');
  v.recorder.leave();
  v.recorder.left();
  v.settle();
  assert.deepEqual(v.spool, []);
  assert.deepEqual(v.calls(), ['secret']); // the background knew that the page is not excluded
});

test('a prerendered page sends nothing until it is shown', () => {
  const v = visit({ prerendering: true });
  v.recorder.met(true);
  v.call('a');
  v.settle();
  assert.deepEqual(v.sent, []);
  v.recorder.activated();
  v.call('b');
  v.settle();
  assert.deepEqual(v.told(), ['page opened', 'page hooked', 'call a', 'call b']);

  const blocked = visit({ prerendering: true });
  blocked.call('secret');
  blocked.background.excluded = true;
  blocked.recorder.activated();
  blocked.settle();
  assert.deepEqual([blocked.sent, blocked.page.over], [[], true]);

  const never = visit({ prerendering: true });
  never.call('a');
  never.recorder.leave();
  never.recorder.left();
  never.settle();
  assert.deepEqual([never.sent, never.spool], [[], []]);
});

test('a frame sends nothing until something happens in it', () => {
  const quiet = visit({ top: false, quiet: true });
  quiet.recorder.met(true);
  quiet.recorder.leave();
  quiet.recorder.left();
  quiet.settle();
  assert.deepEqual([quiet.sent, quiet.spool], [[], []]);

  const busy = visit({ top: false, quiet: true });
  busy.recorder.met(true);
  busy.call('a');
  busy.settle();
  assert.deepEqual(busy.told(), ['page opened', 'page hooked', 'call a']);
  assert.ok([...busy.stored.values()].every((r) => !('top_url' in r) && !('title' in r)));
});

test('when the extension has gone nothing is kept', () => {
  const v = visit();
  v.background.gone = true;
  v.call('a');
  v.settle();
  assert.equal(v.page.over, true);
});

test('calls that were counted in a pause are told when the page is left', () => {
  const v = visit();
  v.background.paused = true;
  v.settle();
  for (let i = 0; i < 3; i++) v.call('secret');
  v.settle();
  assert.deepEqual(v.sent.filter((m) => m.type === 'unrecorded'), [{ type: 'unrecorded', document: ID, seq: 2, calls: 3 }]);
  v.recorder.leave();
  v.call('secret');
  v.recorder.left();
  v.settle();
  assert.equal(v.lost(PAUSED), 4);
  assert.deepEqual(v.calls(), []);
});

test('a gap says why nothing was recorded', () => {
  const quota = 'this page has made more records today than are kept of one page';
  const v = visit();
  v.settle();
  v.background.paused = true;
  v.background.since = v.page.now;
  v.call('a');
  v.watch();
  v.settle();
  v.call('b');
  v.background.why = quota;
  v.watch();
  v.settle();
  v.call('c');
  v.recorder.leave();
  v.recorder.left();
  v.settle();
  assert.deepEqual([v.calls(), v.lost(PAUSED), v.lost(quota)], [[], 2, 1]);
});
