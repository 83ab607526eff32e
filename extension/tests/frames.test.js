// @ts-check
// To which page a frame belongs, in whatever order browsers report the two.
import assert from 'node:assert/strict';
import test from 'node:test';
import { bench, page } from './bench.js';

test('a frame belongs to the page that it was opened in, also at that page\'s later addresses', async () => {
  const b = bench();
  const before = page(b, { n: 8, title: 'Old' }).connect(); // this page is reloaded below
  before.opened();
  const old = page(b, { n: 9, frame: 4, url: 'https://widget.example/' }).connect();
  before.lose();
  const top = page(b).connect();
  top.opened();
  const frame = page(b, { n: 2, frame: 3, url: 'https://widget.example/' }).connect();
  frame.call('a');
  top.url = 'https://shop.example/b';
  top.title = 'B';
  top.call('moved');
  frame.call('b');
  b.recording.moved(1); // the browser tells of the new address a while later
  old.call('late');
  await b.world.pass(100);
  assert.deepEqual(b.world.stored.filter((r) => r.frame > 0).map((r) => [r.args[0], r.top_url, r.title]), [
    ['a', 'https://shop.example/', 'Shop'], ['b', 'https://shop.example/b', 'B'], ['late', 'https://shop.example/', 'Old'],
  ]);
});

test('the last records of a page that is being left do not change what the tab shows', async () => {
  const b = bench();
  const before = page(b, { url: 'https://shop.example/before' }).connect();
  before.opened();
  const running = before.record('call', { args: ['endless'] });
  before.say({ type: 'running', record: running });
  const next = page(b, { n: 2, url: 'https://shop.example/next' }).connect();
  next.opened();
  before.call('last', { going: true });
  assert.equal(b.recording.pageOf(1), 'https://shop.example/next');
  before.lose(); // now the call that was running is recorded
  assert.equal(b.recording.pageOf(1), 'https://shop.example/next');
  await b.world.pass(100);
  assert.deepEqual(b.world.stored.filter((r) => r.kind === 'call').map((r) => [r.args[0], r.url]), [
    ['last', 'https://shop.example/before'], ['endless', 'https://shop.example/before'],
  ]);
});

test('a frame belongs to its page also if it connects again before the page does', async () => {
  const b = bench();
  const top = page(b).connect();
  top.opened();
  const frame = page(b, { n: 2, frame: 3, url: 'https://widget.example/' }).connect();
  for (const one of [frame, top]) {
    one.lose();
    one.connect();
  }
  b.world.state.tabs.shows(1, { url: 'https://shop.example/b', title: 'B' });
  b.recording.moved(1);
  frame.call('a');
  top.url = 'https://shop.example/c';
  top.title = 'C';
  top.call('moved');
  frame.call('b');
  await b.world.pass(100);
  assert.deepEqual(b.world.stored.filter((r) => r.frame > 0).map((r) => [r.args[0], r.top_url, r.title]), [
    ['a', 'https://shop.example/b', 'B'], ['b', 'https://shop.example/c', 'C'],
  ]);
});

test('after a restart a frame belongs to its page, whichever connects first', async () => {
  for (const order of /** @type {(<T>(of: T[]) => T[])[]} */ ([(of) => of, (of) => [...of].reverse()])) {
    const b = bench();
    const top = page(b).connect();
    top.opened();
    page(b, { n: 2, frame: 3, url: 'https://widget.example/' }).connect();
    const next = bench(b.world.save());
    const [t, f] = [page(next), page(next, { n: 2, frame: 3, url: 'https://widget.example/' })];
    for (const one of order([t, f])) one.connect();
    next.world.state.tabs.shows(1, { url: 'https://shop.example/b', title: 'B' });
    next.recording.moved(1);
    f.call('a');
    await next.world.pass(100);
    assert.deepEqual(next.world.stored.map((r) => [r.args[0], r.top_url, r.title]), [['a', 'https://shop.example/b', 'B']]);
  }
});

test('when a page comes back from the cache, frames of the page that it replaces keep theirs', async () => {
  const b = bench();
  const first = page(b).connect();
  first.opened();
  const frame = page(b, { n: 2, frame: 3, url: 'https://widget.example/' }).connect();
  frame.lose();
  first.lose();
  const second = page(b, { n: 3, url: 'https://shop.example/b', title: 'B' }).connect();
  second.opened();
  const other = page(b, { n: 4, frame: 5, url: 'https://other.example/' }).connect();
  first.connect();
  frame.connect();
  first.opened();
  other.call('late');
  b.world.state.tabs.shows(1, { url: 'https://shop.example/a', title: 'A' });
  b.recording.moved(1);
  frame.call('a');
  other.call('later');
  await b.world.pass(100);
  assert.deepEqual(b.world.stored.filter((r) => r.frame > 0).map((r) => [r.args[0], r.top_url, r.title]), [
    ['late', 'https://shop.example/b', 'B'], ['a', 'https://shop.example/a', 'A'], ['later', 'https://shop.example/b', 'B'],
  ]);
});

test('a frame whose port arrives after the next page\'s belongs to the page before', async () => {
  const b = bench();
  page(b).connect({ began: 1000 }).opened();
  page(b, { n: 2, url: 'https://shop.example/next', title: 'Next' }).connect({ began: 2000 }).opened();
  /** @param {number} n @param {number} began */
  const frame = (n, began) => page(b, { n, frame: n, url: 'https://widget.example/' }).connect({ began }).call(`began ${began}`);
  frame(3, 1500);
  frame(4, 2000);
  frame(5, 0); // not known, as the extension came later than the frame
  frame(6, 500); // before any page that is known
  await b.world.pass(100);
  assert.deepEqual(b.world.stored.filter((r) => r.frame > 0).map((r) => [r.args[0], r.top_url, r.title]), [
    ['began 1500', 'https://shop.example/', 'Shop'],
    ['began 2000', 'https://shop.example/next', 'Next'],
    ['began 0', 'https://shop.example/next', 'Next'],
    ['began 500', 'https://shop.example/next', 'Next'],
  ]);
});
