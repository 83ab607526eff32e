// @ts-check
// The background without a browser: relays, restarts, lost ports, the back/forward cache
// and pauses, in many orders.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { WHY } from '../records.js';
import { bench, page, START } from './bench.js';

test('the browser says where a record is from, whatever the record says itself', async () => {
  const b = bench();
  const top = page(b).connect();
  top.opened();
  const frame = page(b, { n: 2, url: 'https://ads.example/x', frame: 7 }).connect();
  frame.send([frame.record('call', {
    args: ['chat_started'], tab: 99, frame: 0, url: 'https://bank.example/', top_url: 'https://bank.example/', title: 'Bank', browser: { name: 'Forged' },
  })]);
  await b.world.pass(100);
  const call = b.world.stored.at(-1);
  assert.deepEqual([call.tab, call.frame, call.url, call.top_url, call.title, call.browser],
    [1, 7, 'https://ads.example/x', 'https://shop.example/', 'Shop', undefined]);
  top.call('mine');
  top.send([top.record('call', { args: ['theirs'], url: 'https://bank.example/account', top_url: 'https://bank.example/' })]);
  await b.world.pass(100);
  assert.deepEqual(b.world.stored.slice(-2).map((r) => [r.url, r.top_url]), Array(2).fill(['https://shop.example/', 'https://shop.example/']));
});

test('a page whose tab is closed before the browser has said where it is has its own address', async () => {
  const b = bench();
  const top = page(b, { url: 'https://shop.example/chat', title: 'Chat' }).connect({ tab: undefined, frame: undefined });
  top.opened();
  top.call('last words', { going: true });
  const frame = page(b, { n: 2, url: 'https://ads.example/', frame: 3 }).connect({ tab: undefined, frame: undefined });
  frame.call('last words', { going: true });
  await b.world.pass(100);
  assert.deepEqual(b.world.stored.map((r) => [r.url, r.top_url, r.title]), [
    ...Array(3).fill(['https://shop.example/chat', 'https://shop.example/chat', 'Chat']), ['https://ads.example/', '', ''],
  ]);
});

test('a relay can send records of its own document only, also over two connections', async () => {
  const b = bench();
  const victim = page(b).connect();
  victim.opened();
  const thief = page(b, { n: 2, url: 'https://evil.example/' }).connect();
  thief.opened();
  thief.send([victim.record('call', { args: ['forged'] })]);
  const guesser = page(b, { n: 3, url: 'https://evil.example/' }).connect();
  guesser.send([victim.record('call', { args: ['forged'] })]);
  guesser.say({ type: 'unrecorded', document: victim.document, seq: 9, calls: 5 });
  guesser.lose();
  await b.world.pass(5000);
  assert.deepEqual(b.world.recorded().filter((r) => !r.startsWith('page')), []);
  assert.deepEqual(guesser.acknowledged, []);
});

test('nothing that one page says costs another page a record', async () => {
  const b = bench();
  const evil = page(b, { n: 2, url: 'https://evil.example/', tab: 2 }).connect();
  const good = page(b).connect();
  evil.opened();
  good.opened();
  const broken = evil.record('call', { args: ['x'] });
  const deep = '['.repeat(10_001) + ']'.repeat(10_001);
  evil.send([
    broken.slice(0, -1),
    evil.record('call', { args: [{ toString: null }] }),
    evil.record('call', { args: 0 }).replace('"args":0', `"args":${deep}`),
    evil.record('gap', { lost: 'many', why: 'x' }),
    evil.record('call', { id: 'x'.repeat(500), args: [] }),
  ]);
  for (const message of [
    null, 7, 'records', {}, { type: 'records' },
    { type: 'records', records: [7], paused: false, going: false }, { type: 'unrecorded', calls: 'x' },
  ]) {
    evil.say(/** @type {any} */ (message));
  }
  good.call('chat_started');
  await b.world.pass(100);
  assert.ok(b.world.recorded().includes('call chat_started https://shop.example/'));
  assert.deepEqual(evil.acknowledged, [1, 2, 3, 4, 5, 6], 'records that became gaps are acknowledged too');
  assert.deepEqual(b.world.stored.filter((r) => r.kind === 'gap' && r.tab === 2).map((r) => [r.seq, r.lost, r.why]),
    [[3, 1, WHY.unreadable], [5, 1, WHY.unreadable], [6, 0, 'x']]);
});

test('records that are sent again after a broken port are recorded once', async () => {
  const b = bench();
  const relay = page(b).connect();
  const records = [relay.record('page', { event: 'opened' }), relay.record('call', { args: ['a'] })];
  relay.send(records);
  relay.lose();
  relay.connect();
  relay.send(records);
  relay.call('b');
  await b.world.pass(100);
  relay.send(records);
  await b.world.pass(100);
  assert.deepEqual(b.world.recorded(), ['page opened https://shop.example/', 'call a https://shop.example/', 'call b https://shop.example/']);
  assert.equal(b.world.state.tally.of(1).calls, 2);
});

test('after a restart the background knows counts and pauses', async () => {
  const first = bench();
  const relay = page(first).connect();
  relay.opened();
  relay.call('a');
  await first.world.pass(100);
  first.world.pause(1, true);
  const second = bench(first.world.save());
  assert.equal(second.world.state.tally.of(1).calls, 1);
  const again = page(second).connect();
  assert.equal(again.watch.paused, true, 'as soon as it has connected');
  again.call('secret');
  await second.world.pass(100);
  assert.deepEqual(second.world.recorded(), []);
});

test('a page that comes back from the back/forward cache is counted as the one before', async () => {
  const b = bench();
  const first = page(b).connect();
  first.opened();
  first.call('a');
  first.lose(); // Chromium closes it
  assert.deepEqual(b.world.state.tally.of(1).documents, [], 'the tab shows another page');
  const second = page(b, { n: 2, url: 'https://shop.example/next' }).connect();
  second.opened();
  second.lose();
  first.connect();
  first.send([first.record('page', { event: 'opened' })]);
  await b.world.pass(100);
  const { documents, hooked } = b.world.state.tally.of(1);
  assert.deepEqual(documents, [first.document]);
  first.send([first.record('page', { event: 'hooked' })]);
  await b.world.pass(100);
  assert.deepEqual(b.world.state.tally.of(1).hooked, [first.document], String(hooked));
});

const PAUSED_URL = 'https://shop.example';

test('a pause holds for records of relays that do not know of it yet', async () => {
  const b = bench();
  const relay = page(b).connect();
  relay.opened();
  relay.call('before');
  await b.world.pass(100);
  b.world.pause(1, true);
  relay.call('not yet known'); // the relay sends it again when it knows
  relay.call('going', { going: true });
  await b.world.pass(100);
  assert.deepEqual(b.world.recorded().slice(3), [`gap ${WHY.paused} ${PAUSED_URL}`]);
  assert.deepEqual(relay.acknowledged, [1, 2, 3, 5]);
  assert.equal(relay.watch.paused, true);
  assert.equal(relay.watch.since, START + 100);
});

test('a pause holds for a page that was in the cache, or whose port was closed, when it began', async () => {
  for (const what of [1, 'https://shop.example']) {
    const b = bench();
    const relay = page(b).connect();
    relay.opened();
    relay.lose();
    await b.world.pass(100);
    b.world.pause(what, true);
    relay.connect();
    relay.call('secret');
    relay.call('secret too', { going: true });
    await b.world.pass(100);
    assert.deepEqual(b.world.recorded().slice(2), [`gap ${WHY.paused} ${PAUSED_URL}`]);
  }
});

test('a pause holds for records in the storage, and for those that arrive when it is over', async () => {
  const b = bench();
  const relay = page(b).connect();
  relay.opened();
  const before = relay.record('call', { args: ['before'] });
  await b.world.pass(1000);
  b.world.pause(1, true);
  const during = relay.record('call', { args: ['secret'] });
  const { place } = relay.heard.find((m) => m.type === 'place');
  b.disk.set(`spool/${relay.document}/1`, { place, paused: false, records: [before, during] });
  b.delivery.found(`spool/${relay.document}/1`);
  await b.world.pass(1000);
  const late = relay.record('call', { args: ['secret'] });
  b.world.pause(1, false);
  await b.world.pass(1000);
  relay.send([late]);
  relay.call('after');
  await b.world.pass(100);
  assert.deepEqual(b.world.recorded().slice(2), [
    'call before https://shop.example/', `gap ${WHY.paused} ${PAUSED_URL}`, `gap ${WHY.paused} ${PAUSED_URL}`, 'call after https://shop.example/',
  ]);
  assert.ok(!JSON.stringify(b.world.stored).includes('secret'));
});

test('calls that a page counted in a pause become a gap if the page ends without a message', async () => {
  const b = bench();
  const relay = page(b).connect();
  relay.opened();
  b.world.pause(1, true);
  relay.say({ type: 'unrecorded', document: relay.document, seq: 3, calls: 4 });
  assert.equal(b.recording.unrecorded(1), 4);
  relay.lose();
  await b.world.pass(3000);
  const gap = b.world.stored.at(-1);
  assert.deepEqual([gap.kind, gap.id, gap.lost, gap.why, gap.url], ['gap', `${relay.document}/3`, 4, WHY.paused, PAUSED_URL]);
});

test('a call whose function had not ended when the page was left is recorded as it began', async () => {
  const b = bench();
  const relay = page(b).connect();
  relay.opened();
  const endless = relay.record('call', { args: ['endless', {}, {}] });
  const ended = relay.record('call', { args: ['ended', {}, {}] });
  relay.say({ type: 'running', record: endless });
  relay.say({ type: 'running', record: ended });
  relay.send([ended.replace('"args"', '"handler":{"state":"assigned","threw":"x"},"args"')], { going: true });
  await b.world.pass(1000);
  assert.equal(b.world.stored.filter((r) => r.kind === 'call').length, 1);
  relay.lose();
  await b.world.pass(1000);
  assert.deepEqual(b.world.stored.filter((r) => r.kind === 'call').map((r) => [r.args[0], r.handler?.threw]), [['ended', 'x'], ['endless', undefined]]);
});

test('nothing is recorded of an excluded page, nor of pages without an address that it opened', async () => {
  const b = bench();
  b.world.options({ block: ['https://bank.example/login*'] });
  const bank = page(b, { url: 'https://bank.example/login?a' }).connect();
  assert.equal(bank.watch.excluded, true);
  bank.opened();
  b.world.state.tabs.shows(1, { url: 'https://bank.example/login?a', title: 'Bank' });
  b.world.state.tabs.opened(2, 1);
  b.world.state.tabs.shows(2, { url: 'about:blank', title: '' });
  b.world.state.tabs.opened(3, 2); // the opened page has opened another one
  for (const [tab, url] of /** @type {[number, string][]} */ ([[2, 'about:blank'], [3, 'blob:https://bank.example/0123']])) {
    const popup = page(b, { n: tab + 10, tab, url, origin: 'https://bank.example' }).connect();
    assert.equal(popup.watch.excluded, true, url);
    popup.opened();
    popup.call('secret');
    const frame = page(b, { n: tab + 20, tab, frame: 5, url: 'https://other.example/', origin: 'https://other.example' }).connect();
    frame.call('of the page that it is in');
  }
  const next = page(b, { n: 40, tab: 2, url: 'https://other.example/' }).connect();
  next.opened();
  await b.world.pass(100);
  assert.deepEqual(b.world.recorded(), ['page opened https://other.example/', 'page hooked https://other.example/']);
});

test('a page that goes to an excluded path and back is recorded outside of that path', async () => {
  const b = bench();
  b.world.options({ block: ['https://shop.example/account*'] });
  const relay = page(b).connect();
  relay.opened();
  relay.call('a');
  relay.url = 'https://shop.example/account'; // pushState
  relay.call('secret');
  relay.url = 'https://shop.example/cart';
  relay.call('b');
  await b.world.pass(100);
  assert.deepEqual(b.world.recorded().slice(2), [
    'call a https://shop.example/', `gap ${WHY.excluded}`, 'call b https://shop.example/cart',
  ]);
  assert.ok(!/secret|account/.test(JSON.stringify(b.world.stored)));
  b.world.state.tabs.shows(1, { url: 'https://shop.example/account' });
  b.recording.moved(1);
  assert.equal(relay.watch.excluded, true, 'the browser tells of the new address before the page sends anything');
});

test('a frame\'s records between two pages are not recorded if one of the pages is excluded', async () => {
  for (const [from, to] of /** @type {[string, string][]} */ ([['/account', '/cart'], ['/cart', '/account']])) {
    const b = bench();
    b.world.options({ block: ['https://shop.example/account*'] });
    b.world.state.tabs.shows(1, { url: `https://shop.example${from}`, title: 'From' });
    const frame = page(b, { n: 2, frame: 3, url: 'https://widget.example/' }).connect();
    b.world.state.tabs.shows(1, { url: `https://shop.example${to}`, title: 'To' });
    page(b, { url: `https://shop.example${to}` }).connect().opened();
    frame.call('last', { going: true });
    await b.world.pass(100);
    assert.ok(!JSON.stringify(b.world.stored).includes('last'), from);
  }
});

test('if a page\'s first records are excluded, it begins with gaps', async () => {
  const b = bench();
  b.world.options({ allow: ['https://shop.example/shop*'] });
  const relay = page(b).connect();
  relay.opened();
  relay.url = 'https://shop.example/shop';
  relay.call('a');
  await b.world.pass(100);
  assert.deepEqual(b.world.stored.map((r) => [r.seq, r.url]), [[1, undefined], [2, undefined], [3, 'https://shop.example/shop']]);
  assert.deepEqual(relay.acknowledged.toSorted(), [1, 2, 3].flatMap((n) => (n < 3 ? [n, n] : [n])));
});

test('records that an excluded page has written to the storage are not recorded', async () => {
  const b = bench();
  const relay = page(b).connect();
  const { place } = relay.heard.find((m) => m.type === 'place');
  b.disk.set(`spool/${relay.document}/1`, { place, records: [relay.record('call', { args: ['secret'] })] });
  b.world.options({ block: ['https://shop.example'] });
  await b.delivery.find();
  await b.world.pass(100);
  assert.deepEqual(b.world.stored, []);
  assert.equal(b.disk.size, 0);
});

test('a private window is recorded unless the options exclude private windows', async () => {
  const b = bench();
  const relay = page(b, { incognito: true }).connect();
  assert.equal(relay.watch.excluded, false);
  b.world.options({ private: false });
  assert.equal(relay.watch.excluded, true);
  relay.call('secret');
  await b.world.pass(100);
  assert.deepEqual(b.world.stored, []);
});

test('calls above a page\'s or a site\'s quota are counted, and cost other sites nothing', async () => {
  const b = bench();
  const loud = page(b, { url: 'https://loud.example/' }).connect();
  const calm = page(b, { n: 2, tab: 2 }).connect();
  loud.opened();
  for (let n = 0; n < 60; n++) loud.call('x');
  assert.deepEqual([loud.watch.paused, loud.watch.why], [true, WHY.pageFull]);
  const other = page(b, { n: 3, tab: 3, url: 'https://loud.example/b' }).connect();
  for (let n = 0; n < 12; n++) other.call('y');
  assert.equal(other.watch.why, WHY.siteFull);
  other.say({ type: 'unrecorded', document: other.document, seq: 13, calls: 9 });
  other.lose();
  calm.call('z');
  await b.world.pass(3000);
  assert.equal(b.world.stored.filter((r) => r.kind === 'call').length, 50 - 2 + 10 + 1);
  const lost = (/** @type {string} */ why) => b.world.stored.filter((r) => r.why === why).reduce((sum, r) => sum + r.lost, 0);
  assert.deepEqual([lost(WHY.pageFull), lost(WHY.siteFull)], [12, 2 + 9]);
  await b.world.pass(86_400_000);
  loud.call('the next day');
  await b.world.pass(100);
  assert.equal(b.world.stored.at(-1).args[0], 'the next day');
  assert.equal(loud.watch.paused, false);
});

test('when a tab is closed, its documents are closed after their last records', async () => {
  const b = bench();
  const relay = page(b).connect();
  relay.opened();
  relay.lose();
  const closed = b.ends.closed(1);
  await b.world.pass(5000);
  await closed;
  assert.deepEqual(b.world.recorded().at(-1), 'page closed https://shop.example/');
});

test('the end of the browser waits for pages, and those that do not answer get a gap', async () => {
  const b = bench();
  const slow = page(b).connect();
  const hung = page(b, { n: 2, tab: 2, url: 'https://hung.example/' }).connect();
  slow.opened();
  hung.opened();
  let over = false;
  const finished = b.ends.finish().then(() => { over = true; });
  await b.world.pass(10_000);
  slow.call('last', { going: true });
  slow.send([slow.record('page', { event: 'closed' })], { going: true });
  slow.lose();
  await b.world.pass(5000);
  assert.equal(over, false);
  await b.world.pass(15_000);
  await finished;
  assert.ok(b.world.recorded().includes('call last https://shop.example/'));
  assert.deepEqual(
    b.world.stored.filter((r) => r.kind === 'gap').map((r) => [r.id, r.url, r.why]),
    [[`${hung.document}/unheard`, hung.url, WHY.unheard]],
  );
  assert.deepEqual(b.world.stored.filter((r) => r.event === 'closed').map((r) => r.document), [slow.document, hung.document]);
});

test('a page whose port was closed before it said that it is closed gets a gap, too', async () => {
  const b = bench();
  const crashed = page(b).connect();
  const frame = page(b, { n: 2, frame: 3, url: 'https://widget.example/' }).connect();
  crashed.opened();
  frame.call('a');
  crashed.lose();
  frame.lose();
  const finished = b.ends.finish();
  await b.world.pass(10_000);
  await finished;
  assert.deepEqual(b.world.stored.filter((r) => r.kind === 'gap').map((r) => [r.id, r.why]), [[`${crashed.document}/unheard`, WHY.unheard]]);
});

test('the end of the browser neither waits for pages that have become excluded nor records a gap of them', async () => {
  for (const known of [true, false]) {
    const b = bench();
    b.world.options({ block: ['https://shop.example/account*'] });
    const relay = page(b).connect();
    if (known) relay.opened();
    b.world.state.tabs.shows(1, { url: 'https://shop.example/account' }); // pushState
    b.recording.moved(1);
    assert.equal(relay.watch.excluded, true, 'its relay ends then, and says no more');
    if (!known) { // its first records were on their way
      relay.url = 'https://shop.example/account';
      relay.call('secret');
      relay.url = 'https://shop.example/cart';
      relay.call('b');
    }
    relay.lose();
    let over = false;
    void b.ends.finish().then(() => { over = true; });
    await b.world.pass(500);
    assert.equal(over, true);
    assert.deepEqual(b.world.stored.filter((r) => r.why === WHY.unheard), []);
    assert.deepEqual(b.world.stored.filter((r) => r.event === 'closed').map((r) => r.document), [relay.document]);
  }
});

test('the end of the browser waits for records that frames write when their ports are closed', async () => {
  const b = bench();
  const top = page(b).connect();
  const frame = page(b, { n: 2, frame: 3, url: 'https://widget.example/' }).connect();
  top.opened();
  frame.call('a');
  top.send([top.record('page', { event: 'closed' })], { going: true });
  top.lose();
  frame.lose();
  let over = false;
  const finished = b.ends.finish().then(() => { over = true; });
  await b.world.pass(1500);
  assert.equal(over, false);
  const { place } = frame.heard.find((m) => m.type === 'place');
  b.disk.set(`spool/${frame.document}/1`, { place, records: [frame.record('call', { args: ['last'] })] });
  await b.world.pass(1500);
  assert.equal(over, false, 'the frame may write more');
  const silent = page(b, { n: 3, frame: 4, url: 'https://widget.example/silent' });
  b.disk.set(`spool/${frame.document}/2`, { place, records: [frame.record('page', { event: 'closed' })] });
  b.disk.set(`spool/${silent.document}/1`, {
    place, records: [silent.record('call', { args: ['silent'] }), silent.record('page', { event: 'closed' })],
  });
  await b.world.pass(500);
  await finished;
  assert.deepEqual(b.world.stored.filter((r) => r.kind === 'call').map((r) => r.args[0]), ['a', 'last', 'silent']);
  assert.ok(!b.world.stored.some((r) => r.id.endsWith('/closed')), 'all have sent their own closed record');
});

test('the end of the browser does not wait for a storage that cannot be read', async () => {
  const b = bench();
  page(b).connect().lose();
  b.delivery.find = async () => { throw new Error('broken'); };
  const finished = b.ends.finish();
  await b.world.pass(1000);
  await finished;
  assert.equal(b.world.problems.length, 1);
});

test('every reason for a gap is in the record\'s schema', () => {
  const { $defs: { reason } } = JSON.parse(readFileSync(new URL('../../schema/record.schema.json', import.meta.url), 'utf8'));
  for (const why of Object.values(WHY)) assert.ok(reason.anyOf[0].enum.includes(why), why);
});
