// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadRecorder } from './load.js';
import { assertMade } from './schema.js';

const createRecorder = loadRecorder();

const ID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const PAUSED = 'paused by the tester';
const UNREADABLE = 'a record of this page could not be read';
const START = Date.parse('2026-01-01T00:00:00.000Z');

/**
 * A document with its background: what they say to each other arrives when
 * settle() is called, and the background can be in any state by then.
 * @param {Partial<RecorderOptions>} [options]
 */
const visit = (options = {}) => {
  /** What the background knows. */
  const background = { dead: false, gone: false, acks: true, paused: false, why: PAUSED, since: 0, excluded: false, limits: '', follow: true };
  /** @type {Map<string, any>} */
  const stored = new Map();
  /** @type {{key: string, entry: SpoolEntry}[]} */
  const spool = [];
  /** @type {(() => void)[]} */
  const queue = [];
  /** @type {RelayMessage[]} */
  const sent = [];
  /** @type {string[]} */
  const orders = [];
  const page = { url: 'https://shop.example/a', title: 'Shop', now: START, over: false, calls: 0, rests: /** @type {(() => void)[]} */ ([]) };
  /** The port there is. @type {{open: boolean, running: Map<string, any>} | null} */
  let port = null;

  /** @param {any} record */
  const conceal = (record) => (record.kind === 'call' && Date.parse(record.time) >= background.since
    ? { v: 1, kind: 'gap', id: record.id, seq: record.seq, time: record.time, document: ID, lost: 1, why: PAUSED }
    : record);

  /** @param {any} record */
  const take = (record) => {
    const own = { ...record };
    delete own.pushed; // as the host does
    assertMade(own);
    if (!stored.has(record.id)) stored.set(record.id, record);
  };

  /** @param {() => void} then */
  const onPort = (then) => {
    const mine = port;
    queue.push(() => mine?.open && !background.dead && then());
  };

  /** @param {RelayMessage} message */
  const hear = (message) => {
    if (message.type === 'running') {
      const record = JSON.parse(message.record);
      assertMade(record);
      port?.running.set(record.id, record);
    }
    if (message.type !== 'records' || background.excluded) return;
    const records = message.records.map((json) => JSON.parse(json));
    if (background.paused && !message.paused && !message.going) return;
    for (const record of records) {
      port?.running.delete(record.id);
      take(background.paused && !message.paused ? conceal(record) : record);
    }
    if (background.acks) onPort(() => recorder.heard({ type: 'ack', seqs: records.map((r) => r.seq) }));
  };

  const watch = () => {
    const { excluded, paused, why, since, limits, follow } = background;
    onPort(() => recorder.heard({ type: 'watch', excluded, paused, why, since, limits, follow }));
  };

  const recorder = createRecorder({
    document: ID, top: true, quiet: false, restricted: false, prerendering: false, hookedFromStart: true,
    now: () => page.now,
    where: () => page,
    connect: () => {
      if (background.gone) return false;
      port = { open: true, running: new Map() };
      onPort(() => recorder.heard({ type: 'place', place: { tab: 1, frame: 0 } }));
      onPort(watch);
      return true;
    },
    disconnect: () => { if (port) port.open = false; },
    send: (message) => {
      if (!port?.open) return false;
      sent.push(message);
      onPort(() => hear(message));
      return true;
    },
    keep: (key, entry) => {
      spool.push({ key, entry });
      queue.push(() => {
        for (const json of entry.records) take(background.paused && !entry.paused ? conceal(JSON.parse(json)) : JSON.parse(json));
      });
    },
    schedule: () => queue.push(() => recorder.turn()),
    rest: () => page.rests.push(() => recorder.rested()),
    order: (order) => orders.push(order),
    later: (_, then) => queue.push(then),
    over: () => { page.over = true; },
    ...options,
  });

  /** All that has been said arrives, and what is said then. */
  const settle = () => {
    for (let i = 0; i < 100_000 && queue.length > 0; i++) queue.shift()?.();
    assert.equal(queue.length, 0, 'it never ends');
  };

  return {
    recorder, background, stored, spool, sent, orders, page, settle, watch,
    /** Some of what has been said arrives. @param {number} n */
    step(n) {
      for (let i = 0; i < n; i++) queue.shift()?.();
    },
    /** The port breaks, as it does when the background ends. @param {boolean} [unheard] nobody says so */
    breakPort(unheard = false) {
      const running = port?.open ? [...port.running.values()] : [];
      if (port) port.open = false;
      queue.push(() => { for (const record of running) take(record); });
      if (!unheard) recorder.broke();
    },
    /** Everything that waits for a moment has it. */
    rest() {
      for (const then of page.rests.splice(0)) then();
      settle();
    },
    /** @param {unknown} name @param {string} [during] what the hook says before the call's end */
    call(name = 'chat_started', during = '') {
      const n = ++page.calls;
      recorder.said(`call\n${n}\nassigned\n${JSON.stringify([name, {}])}\n[]`);
      if (during !== '') recorder.said(during.replace('N', String(n)));
      recorder.said(`done\n${n}\n`);
      return n;
    },
    calls: () => [...stored.values()].filter((r) => r.kind === 'call').sort((a, b) => a.seq - b.seq).map((r) => r.args[0]),
    /** @param {string} why */
    lost: (why) => [...stored.values()].filter((r) => r.kind === 'gap' && r.why === why).reduce((sum, r) => {
      assert.ok(why !== PAUSED || (r.title === undefined && !r.url?.includes('/a')), 'what was paused names more than the site');
      return sum + r.lost;
    }, 0),
    /** The records in their order, in few words. */
    told: () => [...stored.values()].sort((a, b) => a.seq - b.seq)
      .map((r) => [r.kind, r.event ?? r.state ?? r.lost ?? r.args?.[0], r.handler?.threw].filter((x) => x !== undefined).join(' ')),
  };
};

test('a visit: what is told, in order and numbered', () => {
  const v = visit();
  v.recorder.met(true);
  v.recorder.said('handler\nappeared\nassigned');
  v.recorder.client('framed', 'its frame is in the page');
  v.call('a');
  v.call('b', 'threw\nN\nTypeError: x');
  v.recorder.said('gap\n2\nthe page called when its stack was almost exhausted');
  v.recorder.leave();
  v.call('c');
  v.recorder.left();
  v.settle();
  assert.deepEqual(v.told(), [
    'page opened', 'page hooked', 'handler appeared', 'client framed', 'call a', 'call b TypeError: x', 'gap 2', 'call c', 'page closed',
  ]);
  assert.deepEqual([...v.stored.values()].map((r) => r.seq).sort((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(v.stored.get(`${ID}/5`), {
    v: 1, kind: 'call', id: `${ID}/5`, seq: 5, time: '2026-01-01T00:00:00.000Z', document: ID, url: 'https://shop.example/a', top_url: 'https://shop.example/a',
    title: 'Shop', args: ['a', {}], handler: { state: 'assigned' },
  });
});

test('what the page says is of its calls alone', () => {
  const forged = [
    'call\n1\nassigned\n["a"]},"url":"https://bank.example/","x":{"y":[]\n[]',
    'call\n1\nassigned","url":"https://bank.example/\n["a"]\n[]',
    'call\n1\nassigned\n["a"]\n[],"url":"https://bank.example/"',
    'call\n1\nassigned\n["a"]\n[{"at":"","is":"nan","url":{}}',
    'call\n1","url":"https://bank.example/\nassigned\n["a"]\n[]',
    `call\n1\nassigned\n${'['.repeat(10_001)}${']'.repeat(10_001)}\n[]`,
    'gap\n1,"url":"https://bank.example/"\nbecause', 'handler\nappeared","url":"https://bank.example/\n', 'url\nhttps://bank.example/', '', '\n', 'call',
    { toString() { throw new Error('heard'); } }, null, 7, Symbol('x'), ['call\n1\nassigned\n[]\n[]'],
  ];
  for (const detail of forged) {
    const v = visit();
    v.call('before');
    v.recorder.said(detail);
    v.call('after');
    v.settle();
    assert.deepEqual(v.calls(), ['before', 'after'], String(typeof detail));
    assert.equal(v.lost(UNREADABLE), 1);
    assert.ok([...v.stored.values()].every((r) => r.url === 'https://shop.example/a' && r.document === ID));
  }
});

test('texts of the page name no place either, and are well-formed', () => {
  const v = visit();
  const bad = '"},"url":"https://bank.example/","\ud800';
  v.page.title = bad;
  v.recorder.said(`handler\nappeared\n${bad}`);
  v.call(bad, `threw\nN\n${bad}`);
  v.recorder.said(`call\n2\nassigned\n["\\ud800",{"\\udfff":1}]\n[{"at":"/0","is":"bigint","text":"\\ud800"}]`);
  v.settle();
  for (const r of v.stored.values()) {
    assert.equal(r.url, 'https://shop.example/a');
    assert.ok(JSON.stringify(r).isWellFormed() && !JSON.stringify(r).includes('\\ud8'));
  }
  assert.equal(v.stored.get(`${ID}/3`).handler.threw, bad.toWellFormed());
});

test('a call of any size or depth costs no other one', () => {
  const v = visit();
  v.call('first');
  v.recorder.said(`call\n50\nassigned\n["${'x'.repeat(12_000_000)}"]\n[]`);
  v.recorder.said(`call\n51\nassigned\n["${'x'.repeat(14_000_000)}"]\n[]`);
  v.call('last');
  v.settle();
  assert.deepEqual(v.calls().map((name) => String(name).length), [5, 12_000_000, 4]);
  assert.equal(v.lost(UNREADABLE), 1);
});

test('with no room left calls are counted, each once', () => {
  const v = visit();
  v.background.acks = false;
  const large = 'x'.repeat(1_000_000);
  for (let i = 0; i < 40; i++) v.call(large);
  v.recorder.said('gap\n5\nthe page called when its stack was almost exhausted');
  v.settle();
  v.background.acks = true;
  v.breakPort();
  v.rest();
  v.call('small');
  v.settle();
  const why = 'too many calls waited for the background to take them';
  assert.equal(v.calls().length + v.lost(why), 41);
  assert.ok(v.lost(why) > 0);
  assert.equal(v.lost('the page called when its stack was almost exhausted'), 5);
});

test('that a window was in another\'s hand before is said of its beginning too', () => {
  const v = visit();
  v.recorder.met(false);
  v.settle();
  assert.deepEqual([...v.stored.values()].map((r) => [r.event, r.hooked_from_start]), [['opened', false], ['hooked', false]]);
});

test('the hook is told what the background says, before they met and after', () => {
  const v = visit();
  v.background.limits = '100 4 1000 32768';
  v.recorder.turn();
  v.settle();
  v.recorder.heard({ type: 'stand-in', on: true });
  v.orders.length = 0;
  v.recorder.met(true);
  v.recorder.heard({ type: 'stand-in', on: false });
  assert.deepEqual(v.orders, ['limits 100 4 1000 32768', 'stand-in', 'no stand-in']);
});

test('a call that throws or passes on while the page leaves says so', () => {
  const v = visit();
  v.recorder.leave();
  v.call('threw', 'threw\nN\nTypeError: x');
  v.recorder.said('call\n20\nassigned\n["outer"]\n[]');
  v.recorder.said('call\n21\nassigned\n["inner"]\n[]');
  v.recorder.said('done\n21\nyes');
  v.recorder.said('threw\n20\nRangeError: y');
  v.recorder.said('done\n20\nno');
  v.recorder.left();
  v.call('unload', 'threw\nN\nTypeError: z'); // made in unload, which nobody hears
  v.settle();
  const handlers = [...v.stored.values()].filter((r) => r.kind === 'call').sort((a, b) => a.seq - b.seq).map((r) => [r.args[0], r.handler]);
  assert.deepEqual(handlers, [
    ['threw', { state: 'assigned', threw: 'TypeError: x' }],
    ['outer', { state: 'assigned', threw: 'RangeError: y', passed_on: false }],
    ['inner', { state: 'assigned', passed_on: true }],
    ['unload', { state: 'assigned', threw: 'TypeError: z' }],
  ]);
});

test('a function that never ends, or takes the page away, costs no record', () => {
  const endless = visit();
  endless.recorder.leave();
  endless.recorder.said('call\n1\nassigned\n["endless"]\n[]');
  endless.settle();
  assert.deepEqual(endless.calls(), []); // it may still throw
  endless.breakPort(); // its process is ended
  endless.settle();
  assert.deepEqual(endless.calls(), ['endless']);

  const away = visit();
  away.recorder.said('call\n1\nassigned\n["away"]\n[]'); // and the function removes the page's frame
  away.recorder.leave();
  away.recorder.left();
  away.recorder.said('done\n1\n');
  away.settle();
  assert.deepEqual(away.calls(), ['away']);

  const last = visit();
  last.recorder.leave();
  last.recorder.said('call\n1\nassigned\n["last"]\n[]');
  last.background.dead = true;
  last.recorder.left();
  last.settle();
  assert.deepEqual(last.calls(), ['last']); // by the storage
});

test('that a function passes calls on later is put into the call, or told besides', () => {
  const v = visit();
  const here = v.call('a');
  v.recorder.said(`passed\n${here}`);
  v.settle();
  assert.equal(v.stored.get(`${ID}/2`).handler.passed_on, true);
  const gone = v.call('b');
  const also = v.call('c');
  v.settle();
  v.recorder.said(`passed\n${gone}`);
  v.recorder.said(`passed\n${also}`);
  v.settle();
  assert.deepEqual(v.told(), ['page opened', 'call a', 'call b', 'call c', 'handler replaced']);
  assert.equal(v.stored.get(`${ID}/5`).text, 'passes calls on later');
});

test('a leaving page writes each record to the storage once', () => {
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

test('a leaving page is recorded wherever the background is', () => {
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

test('a pause holds from its beginning, wherever the records are by then', () => {
  for (const restart of [false, true]) {
    for (let point = 0; point < 14; point++) {
      const v = visit();
      v.settle();
      v.page.now += 10;
      v.call('before');
      v.settle();
      v.page.now += 10;
      if (restart) v.breakPort(); // the worker sleeps, and the popup wakes it
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

test('what was made before a pause is not lost with it', () => {
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

test('a pause that ended while nobody listened has cost nothing after it', () => {
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

test('a page that comes back from the cache asks before it sends', () => {
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
    v.step(1); // its turn
    assert.deepEqual(v.sent, []);
    v.settle();
    assert.deepEqual(v.told(), ['page opened', 'page hooked', 'call a', 'page closed', 'page opened', 'gap 1']);
    assert.deepEqual([...v.stored.values()].filter((r) => r.seq > 4).map((r) => [r.url, r.title]), [
      ['https://shop.example', undefined], ['https://shop.example', undefined],
    ]);
  }
});

test('a page that leaves again before the answer is decided upon by the background', () => {
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

test('where something is excluded nothing goes before the answer', () => {
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

test('where something is excluded a page that leaves unanswered leaves nothing in the storage', () => {
  const v = visit({ restricted: true });
  v.call('secret');
  v.recorder.leave();
  v.recorder.left();
  v.settle();
  assert.deepEqual(v.spool, []);
  assert.deepEqual(v.calls(), ['secret']); // the background knew
});

test('a prerendered page says nothing until it is shown', () => {
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

test('a frame is not worth a word until something happens in it', () => {
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

test('what was counted in a pause is told when the page leaves', () => {
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

test('a gap says for what the recording stood still', () => {
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

test('a simulation makes its calls one after the other, and tells of each step', () => {
  /** What the hook says to an order, by event. @type {Record<string, (n: number) => string[]>} */
  const site = {
    ok: (n) => [`call\n${n}\nassigned\n["ok"]\n[]`, `done\n${n}\n`, 'simulated\nreturned\n'],
    bad: (n) => [`call\n${n}\nassigned\n["bad"]\n[]`, `threw\n${n}\nTypeError: x`, `done\n${n}\n`, 'simulated\nthrew\nTypeError: x'],
    none: () => ['simulated\nno handler\n'],
  };
  let n = 0;
  /** @type {string[]} */
  const orders = [];
  const v = visit({
    order: (order) => {
      orders.push(order);
      if (!order.startsWith('simulate\n')) return;
      for (const said of site[JSON.parse(order.split('\n')[1] ?? '')[0]]?.(++n) ?? []) v.recorder.said(said);
    },
  });
  v.settle();
  v.recorder.said('handler\nappeared\nassigned');
  v.recorder.said('call\n99\nassigned\n["the page\'s own"]\n[]');
  v.recorder.said('simulated\nreturned\n'); // nobody has ordered that
  v.recorder.heard({ type: 'ask', id: 'q' });
  v.recorder.heard({
    type: 'simulate', pause: 100, until: v.page.now + 1000,
    calls: [{ args: ['ok'], undefined: ['/2/a~1b'] }, { args: ['bad'], undefined: [] }, { args: ['none'], undefined: [] }],
  });
  v.settle();
  assert.deepEqual(v.sent.filter((m) => m.type === 'page'), [{ type: 'page', id: 'q', document: ID, handler: true }]);
  const steps = v.sent.filter((m) => m.type === 'step');
  assert.deepEqual(steps.map(({ stage, index, outcome, threw }) => [stage, index, outcome, threw].filter((x) => x !== undefined).join(' ')), [
    'reached 0', 'calling 0', 'called 0 returned', 'calling 1', 'called 1 threw TypeError: x', 'calling 2', 'called 2 no handler', 'ended 3',
  ]);
  assert.equal(orders[0], 'simulate\n["ok"]\n[["2","a/b"]]');
  assert.equal(orders.at(-1), 'end simulation');
  const calls = [...v.stored.values()].filter((r) => r.kind === 'call');
  assert.deepEqual(calls.map((r) => [r.args[0], r.simulated]), [['the page\'s own', undefined], ['ok', true], ['bad', true]]);
  assert.deepEqual(steps.filter((s) => s.stage === 'called').map((s) => s.record), [calls[1].id, calls[2].id, undefined]);
});

test('a simulation stops when its time is up, in a pause and where the way breaks', () => {
  const calls = [{ args: ['ok'], undefined: [] }, { args: ['ok'], undefined: [] }];
  /** @param {(v: ReturnType<typeof visit>) => void} trouble while the first call runs */
  const run = (trouble) => {
    const v = visit({
      order: (order) => {
        if (order.startsWith('simulate\n')) {
          trouble(v);
          v.recorder.said('simulated\nreturned\n');
        }
      },
    });
    v.settle();
    v.recorder.heard({ type: 'simulate', pause: 0, until: v.page.now + 1000, calls });
    v.settle();
    return v.sent.flatMap((m) => (m.type === 'step' ? `${m.stage} ${m.index}${m.why === undefined ? '' : ` ${m.why}`}` : []));
  };
  assert.deepEqual(run((v) => { v.page.now += 2000; }), ['reached 0', 'calling 0', 'called 0', 'stopped 1 late']);
  assert.deepEqual(run((v) => { v.background.paused = true; v.watch(); }), ['reached 0', 'calling 0', 'called 0', 'stopped 1 paused']);
  assert.deepEqual(run((v) => v.recorder.heard({ type: 'cancel' })), ['reached 0', 'calling 0', 'stopped 1 cancelled']);
  assert.deepEqual(run((v) => v.recorder.broke()), ['reached 0', 'calling 0']);
});

const pushed = 'queue\n[{"event":"x"}]\n[]';

test('what a call puts into queues goes with its record, wherever that goes', () => {
  const v = visit();
  const call = () => {
    const n = ++v.page.calls;
    v.recorder.said(`call\n${n}\nassigned\n["c${n}",{}]\n[]`);
    return (/** @type {string} */ queues) => v.recorder.said(`done\n${n}\n\n${queues}`);
  };
  call()(`${pushed}\nother\n[1]\n[]\n${pushed}`);
  v.settle();
  v.recorder.leave();
  const late = call();
  v.settle();
  assert.equal(v.stored.get(`${ID}/3`), undefined); // it runs
  late(pushed);
  v.settle();
  const of = (/** @type {number} */ seq) => v.stored.get(`${ID}/${seq}`).pushed;
  assert.deepEqual([of(2), of(3)], [
    [{ to: 'queue', data: [{ event: 'x' }, { event: 'x' }] }, { to: 'other', data: [1] }], [{ to: 'queue', data: [{ event: 'x' }] }],
  ]);
  assert.deepEqual(v.sent.filter(({ type }) => type === 'queued'), []);
  assert.deepEqual(v.spool.flatMap(({ entry }) => entry.records.map((json) => JSON.parse(json).pushed)).filter(Boolean), [of(3)]);
});

/** @param {ReturnType<typeof visit>} v @returns {any[]} */
const queuedBy = (v) => v.sent.filter(({ type }) => type === 'queued');

test('what is found in queues besides is told for its document, after the calls, and never kept', () => {
  const v = visit();
  const n = v.call();
  v.recorder.said(`queued\n${pushed}`);
  v.recorder.said('unqueued\n3');
  v.settle();
  assert.deepEqual(queuedBy(v), [{ type: 'queued', document: ID, queued: [{ to: 'queue', data: [{ event: 'x' }], time: '2026-01-01T00:00:00.000Z' }], dropped: 3 }]);
  assert.ok(v.sent.findIndex(({ type }) => type === 'queued') > v.sent.findLastIndex(({ type }) => type === 'records'));
  v.recorder.said(`done\n${n}\n\n${pushed}`); // its record has gone: a dialog let it go
  v.settle();
  assert.equal(queuedBy(v).length, 2);
  v.recorder.leave();
  v.recorder.said(`queued\n${pushed}`);
  v.recorder.left();
  v.settle();
  assert.equal(queuedBy(v).length, 3);
  assert.ok(!JSON.stringify(v.spool).includes('"event":"x"'), JSON.stringify(v.spool));
});

test('more than there is room for is counted', () => {
  const v = visit();
  v.call();
  for (let i = 0; i < 1200; i++) v.recorder.said(`queued\n${pushed}`);
  v.settle();
  assert.deepEqual(queuedBy(v).map(({ queued, dropped }) => [queued.length, dropped]), [[1000, 200]]);
  const large = visit();
  for (let i = 0; i < 5; i++) large.recorder.said(`queued\nqueue\n["${'x'.repeat(1_000_000)}"]\n[]`);
  large.settle();
  assert.deepEqual(queuedBy(large).map(({ queued, dropped }) => [queued.length, dropped]), [[4, 1]]);
});

test('nothing is told of queues in a pause, on an excluded site, or where nothing is to be followed', () => {
  for (const [what, set] of /** @type {[string, object][]} */ ([['paused', { paused: true }], ['excluded', { excluded: true }], ['off', { follow: false }]])) {
    const v = visit({ restricted: true });
    Object.assign(v.background, set);
    v.call();
    v.recorder.said(`queued\n${pushed}`);
    v.settle();
    v.recorder.said(`call\n99\nassigned\n["a",{}]\n[]`);
    v.recorder.said(`done\n99\n\n${pushed}`);
    v.recorder.said(`queued\n${pushed}`);
    v.settle();
    assert.deepEqual(queuedBy(v), [], what);
    assert.ok(![...v.stored.values()].some((record) => record.pushed), what);
    if (what === 'off') {
      assert.ok(v.orders.includes('no follow'));
      assert.deepEqual([...v.stored.values()].flatMap((r) => (r.kind === 'page' && r.text ? [r.text] : [])), ['where calls go is not followed']);
    }
  }
});
