// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Delivery } from '../delivery.js';

/** @param {number} n @param {string} [document] */
const record = (n, document = 'd') => ({ id: `${document}/${n}`, seq: n, document });

/** @param {number} from @param {number} to */
const many = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => record(from + i));

/** A delivery with a fake host, storage and clock. @param {Map<string, any>} [disk] */
function bench(disk = new Map()) {
  let clock = 0;
  let key = 0;
  /** @type {{at: number, then: () => void}[]} */
  let timers = [];
  const world = {
    disk,
    diskFull: false,
    /** Entries that the storage does not give. @type {Set<string>} */ unreadable: new Set(),
    writes: 0,
    hostThere: true,
    /** What the host was given. @type {any[]} */ given: [],
    /** @type {string[]} */ sent: [],
    /** How many records each message had. @type {number[]} */ messages: [],
    /** @type {string[]} */ kept: [],
    /** @type {string[]} */ stored: [],
    /** @type {unknown[]} */ tabs: [],
    /** Lets time pass, and runs the timers that become due. @param {number} ms */
    async pass(ms) {
      clock += ms;
      const due = timers.filter((t) => t.at <= clock);
      timers = timers.filter((t) => t.at > clock);
      for (const t of due) t.then();
      for (let i = 0; i < 20; i++) await setImmediate();
    },
    /** @param {string[]} ids */
    async acknowledge(ids) {
      delivery.acknowledged(ids.map((id) => ({ id })));
      await world.pass(0);
    },
  };
  const delivery = new Delivery({
    send: (message) => {
      if (!world.hostThere) return false;
      const { records } = /** @type {any} */ (message);
      world.messages.push(records.length);
      world.given.push(...records);
      world.sent.push(...records.map((/** @type {any} */ r) => r.id));
      return true;
    },
    storage: {
      get: async (k) => {
        if (world.unreadable.has(k)) throw new Error('the disk is broken');
        return disk.has(k) ? { [k]: structuredClone(disk.get(k)) } : {};
      },
      set: async (items) => {
        world.writes++;
        if (world.diskFull) throw new Error('QuotaExceeded');
        for (const [k, v] of Object.entries(items)) disk.set(k, structuredClone(v));
      },
      remove: async (k) => void disk.delete(k),
      getKeys: async () => [...disk.keys()],
    },
    now: () => clock,
    later: (ms, then) => void timers.push({ at: clock + ms, then }),
    unique: () => `b/${++key}`,
    onKept: (ids) => void world.kept.push(...ids),
    onStored: (r) => {
      world.stored.push(r.id);
      world.tabs.push(r.tab);
    },
    read: (_, { place, records }) => records.map((/** @type {string} */ json) => ({ ...JSON.parse(json), ...place })),
    instead: (r) => ({ ...r, kind: 'gap' }),
    unreadable: (k) => ({ id: `unread ${k}`, kind: 'gap' }),
  });
  return { delivery, world };
}

test('with a host, records are sent once, and relays are told when they are stored', async () => {
  const { delivery, world } = bench();
  delivery.connected();
  delivery.add([record(1), record(2)]);
  delivery.add([record(2)]);
  assert.deepEqual(world.sent, ['d/1', 'd/2']);
  assert.deepEqual(world.kept, []);
  await world.acknowledge(['d/1', 'd/2']);
  assert.deepEqual(world.kept, ['d/1', 'd/2']);
  assert.deepEqual(world.stored, ['d/1', 'd/2']);
  assert.equal(delivery.idle, true);
});

test('a record that comes again is neither sent nor counted again', async () => {
  const { delivery, world } = bench();
  delivery.connected();
  assert.deepEqual(delivery.add([record(1)]), [record(1)]);
  assert.deepEqual(delivery.add([record(1)]), [], 'it is known before it is stored');
  await world.acknowledge(['d/1']);
  assert.deepEqual(delivery.add([record(1)]), []);
  assert.deepEqual(world.sent, ['d/1']);
  assert.deepEqual(world.kept, ['d/1', 'd/1'], 'the relay that asks again hears so');
  assert.deepEqual(world.stored, ['d/1'], 'and is counted once');
});

test('without a host, records are spooled, kept, and sent when it comes', async () => {
  const { delivery, world } = bench();
  delivery.add(many(1, 3));
  assert.deepEqual(world.kept, []);
  await world.pass(2000);
  assert.deepEqual(world.kept, ['d/1', 'd/2', 'd/3']);
  assert.equal(world.disk.size, 1);
  assert.equal(delivery.waiting, 0, 'memory is free again');
  assert.equal(delivery.idle, false);
  delivery.connected();
  await world.pass(0);
  assert.deepEqual(world.sent, ['d/1', 'd/2', 'd/3']);
  await world.acknowledge(['d/1', 'd/2']);
  assert.equal(world.disk.size, 1, 'a spool entry stays until all of it is stored');
  await world.acknowledge(['d/3']);
  assert.equal(world.disk.size, 0);
  assert.equal(delivery.idle, true);
  assert.deepEqual(world.kept, ['d/1', 'd/2', 'd/3']);
});

test('after a restart the background finds what it had spooled', async () => {
  const first = bench();
  first.delivery.add(many(1, 700));
  await first.world.pass(2000);
  const { delivery, world } = bench(first.world.disk);
  delivery.connected();
  await delivery.find();
  await world.pass(0);
  assert.deepEqual(world.sent.sort(), many(1, 700).map((r) => r.id).sort());
  await world.acknowledge(world.sent);
  assert.equal(world.disk.size, 0);
});

test('records that a host has not acknowledged are sent to the next host', async () => {
  const { delivery, world } = bench();
  delivery.connected();
  delivery.add(many(1, 3));
  await world.acknowledge(['d/1']);
  delivery.disconnected();
  delivery.connected();
  await world.pass(25);
  assert.deepEqual(world.sent, ['d/1', 'd/2', 'd/3', 'd/2', 'd/3']);
});

test('a host that dies while the spool is replayed costs nothing', async () => {
  const { delivery, world } = bench();
  delivery.add(many(1, 3));
  await world.pass(2000);
  delivery.connected();
  await world.pass(0);
  await world.acknowledge(['d/2']);
  delivery.disconnected();
  await world.pass(2000);
  delivery.connected();
  await world.pass(0);
  assert.deepEqual(world.sent, ['d/1', 'd/2', 'd/3', 'd/1', 'd/3']);
  await world.acknowledge(['d/1', 'd/3']);
  assert.equal(world.disk.size, 0);
});

test('a host that is there but does not acknowledge: spooled as well, then cleaned', async () => {
  const { delivery, world } = bench();
  delivery.connected();
  delivery.add([record(1)]);
  await world.pass(2000);
  assert.deepEqual(world.kept, ['d/1']);
  assert.equal(world.disk.size, 1);
  await world.acknowledge(['d/1']);
  assert.equal(world.disk.size, 0);
  assert.deepEqual(world.sent, ['d/1']);
  assert.deepEqual(world.kept, ['d/1'], 'its relay heard once');
});

test('once no host was found, records are spooled at once: the browser may end at any moment', async () => {
  const { delivery, world } = bench();
  delivery.add([record(1)]);
  await world.pass(100);
  assert.equal(world.disk.size, 0, 'it may be starting');
  delivery.disconnected();
  await world.pass(100);
  assert.deepEqual(world.kept, ['d/1']);
  delivery.add([record(2)]);
  await world.pass(100);
  assert.deepEqual(world.kept, ['d/1', 'd/2']);
  delivery.connected();
  await world.pass(25);
  delivery.add([record(3)]);
  await world.pass(100);
  assert.deepEqual(world.kept, ['d/1', 'd/2'], 'the host will say');
  assert.deepEqual(world.sent, ['d/1', 'd/2', 'd/3']);
});

test('spooled records are not kept in memory while there is no host', async () => {
  const { delivery, world } = bench();
  delivery.connected();
  delivery.add([record(1)]);
  await world.pass(2000);
  delivery.disconnected();
  assert.equal(delivery.waiting, 0);
  delivery.connected();
  await world.pass(0);
  assert.deepEqual(world.sent, ['d/1', 'd/1']);
  await world.acknowledge(['d/1']);
  assert.equal(world.disk.size, 0);
});

test('with a full disk, relays keep their records, and the problem is told until it is over', async () => {
  const { delivery, world } = bench();
  world.diskFull = true;
  delivery.disconnected();
  delivery.add([record(1)]);
  for (let i = 0; i < 40; i++) await world.pass(25);
  assert.deepEqual(world.kept, []);
  assert.match(delivery.problem, /QuotaExceeded/);
  assert.equal(world.writes, 1, 'it is not tried again at once');
  world.diskFull = false;
  await world.pass(2000);
  assert.deepEqual(world.kept, ['d/1']);
  assert.equal(delivery.problem, '');
});

test('records that a page wrote to the storage when it was left are sent once, with their place', async () => {
  const { delivery, world } = bench();
  delivery.connected();
  delivery.add([record(1)]);
  world.disk.set('spool/d/1', { place: { tab: 7, frame: 0 }, records: [record(1), record(2)].map((r) => JSON.stringify(r)) });
  delivery.found('spool/d/1');
  await world.pass(0);
  assert.deepEqual(world.sent, ['d/1', 'd/2']);
  await world.acknowledge(['d/1', 'd/2']);
  assert.deepEqual(world.tabs, [undefined, 7], 'the first came from its relay already');
  assert.equal(world.disk.size, 0);
});

test('records that are being read from the storage count as waiting for the host', async () => {
  const { delivery, world } = bench();
  delivery.connected();
  world.disk.set('spool/d/1', { records: [JSON.stringify(record(1))] });
  const found = delivery.find();
  assert.equal(delivery.idle, true, 'nothing is known of it yet');
  await found;
  assert.equal(delivery.idle, false);
  await world.pass(0);
  assert.equal(delivery.idle, false);
  await world.acknowledge(['d/1']);
  assert.equal(delivery.idle, true);
});

test('drained ends when everything is stored that was there when it was called', async () => {
  const { delivery, world } = bench();
  const drained = () => {
    const waiting = { over: false };
    void delivery.drained().then(() => { waiting.over = true; });
    return waiting;
  };
  const nothing = drained();
  await world.pass(0);
  assert.equal(nothing.over, true);
  delivery.add([record(1)]);
  const first = drained();
  await world.pass(2000); // it is spooled
  world.disk.set('spool/d/1', { records: [JSON.stringify(record(2))] });
  await delivery.find();
  const both = drained();
  delivery.add([record(3)]);
  delivery.connected();
  await world.acknowledge(['d/3']); // before the others are read back
  assert.equal(first.over, false);
  await world.acknowledge(['d/1']);
  assert.equal(first.over, true);
  assert.equal(both.over, false);
  await world.acknowledge(['d/2']);
  assert.equal(both.over, true);
  delivery.add([record(4)]);
  const fourth = drained();
  delivery.add([record(5)]);
  await world.pass(25);
  await world.acknowledge(['d/4']);
  assert.equal(fourth.over, true, 'what came later is not waited for');
});

test('an unreadable entry of the storage becomes a gap, and does not hold up the others', async () => {
  const { delivery, world } = bench();
  delivery.connected();
  world.disk.set('spool/d/1', { records: ['{'] });
  world.disk.set('spool/d/2', { records: [JSON.stringify(record(2))] });
  world.disk.set('spool/d/3', 'nonsense');
  await delivery.find();
  await world.pass(0);
  delivery.add([record(3)]);
  await world.pass(25);
  assert.deepEqual(world.sent.toSorted(), ['d/2', 'd/3', 'unread spool/d/1', 'unread spool/d/3']);
  await world.acknowledge(world.sent);
  assert.equal(delivery.idle, true);
  assert.equal(world.disk.size, 0);
});

test('an entry that the storage fails to give is asked for several times, then becomes a gap', async () => {
  const { delivery, world } = bench();
  delivery.connected();
  world.disk.set('spool/d/1', { records: [JSON.stringify(record(1))] });
  world.disk.set('spool/d/2', { records: [JSON.stringify(record(2))] });
  world.unreadable.add('spool/d/1');
  const over = { drained: false };
  await delivery.find();
  void delivery.drained().then(() => { over.drained = true; });
  await world.pass(0);
  assert.match(delivery.problem, /cannot be read/);
  for (let i = 0; i < 10; i++) await world.pass(500);
  assert.deepEqual(world.sent, ['d/2', 'unread spool/d/1']);
  await world.acknowledge(world.sent);
  assert.equal(delivery.idle, true);
  assert.equal(over.drained, true, 'nobody waits for what is lost');
  await delivery.find();
  assert.equal(delivery.idle, true, 'it is told of once');
});

test('an entry that the storage gives at the second time is not lost', async () => {
  const { delivery, world } = bench();
  delivery.connected();
  world.disk.set('spool/d/1', { records: [JSON.stringify(record(1))] });
  world.unreadable.add('spool/d/1');
  await delivery.find();
  await world.pass(500);
  world.unreadable.clear();
  await world.pass(500);
  assert.deepEqual(world.sent, ['d/1']);
  assert.equal(delivery.problem, '');
});

/**
 * Lets hosts run one after the other, each until it is given a record that makes it crash.
 * @param {ReturnType<typeof bench>} bench
 * @param {(r: any) => boolean} fatal
 * @param {number} hosts
 */
const runHosts = async ({ delivery, world }, fatal, hosts) => {
  let from = 0;
  for (let host = 0; host < hosts; host++) {
    delivery.connected();
    for (let turn = 0; turn < 20; turn++) {
      await world.pass(25);
      const given = world.given.slice(from);
      from = world.given.length;
      if (given.some(fatal)) break;
      await world.acknowledge(given.map((r) => r.id));
    }
    delivery.disconnected();
  }
};

test('a record that makes every host crash is replaced by a gap, and costs no other record', async () => {
  const b = bench();
  b.delivery.add(many(1, 20));
  await runHosts(b, (r) => r.id === 'd/7' && r.kind !== 'gap', 8);
  assert.deepEqual(b.world.stored.toSorted(), many(1, 20).map((r) => r.id).toSorted());
  assert.deepEqual(b.world.given.filter((r) => r.kind === 'gap').map((r) => r.id), ['d/7']);
  assert.equal(b.delivery.idle, true);
  await b.world.pass(2000);
  assert.equal(b.world.disk.size, 0);
});

test('hosts that crash at every record lose nothing', async () => {
  const b = bench();
  b.delivery.add(many(1, 5));
  await runHosts(b, () => true, 12);
  assert.deepEqual(b.world.stored, []);
  await runHosts(b, () => false, 1);
  assert.deepEqual(b.world.stored.toSorted(), many(1, 5).map((r) => r.id));
  assert.deepEqual(b.world.given.slice(-5).filter((r) => r.kind === 'gap'), [], 'no record is given up while the host may be to blame');
});

test('a host gets no more than 2000 records that it has not acknowledged', async () => {
  const { delivery, world } = bench();
  delivery.connected();
  delivery.add(many(1, 5000));
  assert.equal(world.sent.length, 2000);
  await world.acknowledge(many(1, 500).map((r) => r.id));
  await world.pass(25);
  assert.equal(world.sent.length, 2500);
});

test('a single record is sent at once, those that follow soon are sent together', async () => {
  const { delivery, world } = bench();
  delivery.connected();
  for (let n = 1; n <= 5; n++) {
    delivery.add([record(n)]);
    await world.pass(5);
  }
  assert.deepEqual(world.messages, [1, 4]);
  await world.pass(25);
  delivery.add([record(6)]);
  assert.deepEqual(world.messages, [1, 4, 1]);
});
