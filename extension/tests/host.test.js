// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Host } from '../host.js';

/** A host with fake ports and timers. */
function bench() {
  /** @type {any[]} */
  const ports = [];
  /** @type {{ms: number, then: () => void}[]} */
  const timers = [];
  /** @type {any[]} */
  const messages = [];
  const world = { ports, timers, messages, error: '', refuse: false, speechless: false };
  const host = new Host({
    connect: () => {
      if (world.refuse) throw new Error('no permission');
      const port = {
        /** @type {any[]} */ sent: [],
        /** @type {(m: any) => void} */ say: () => {},
        die: () => {},
        closed: false,
        postMessage(/** @type {any} */ m) { this.sent.push(m); },
        disconnect() { this.closed = true; },
        onMessage: { addListener: (/** @type {any} */ f) => { port.say = f; } },
        onDisconnect: { addListener: (/** @type {any} */ f) => { port.die = f; } },
      };
      ports.push(port);
      return /** @type {any} */ (port);
    },
    lastError: () => world.error,
    hello: async () => {
      if (world.speechless) throw new Error('the storage is full');
      return { extension: '1' };
    },
    later: (ms, then) => void timers.push({ ms, then }),
    onChange: () => {},
    onMessage: (m) => void messages.push(m),
  });
  return { host, world };
}

test('nothing but hello is sent before the welcome', async () => {
  const { host, world } = bench();
  host.start();
  host.start();
  await setImmediate();
  assert.equal(world.ports.length, 1, 'one attempt at a time');
  assert.deepEqual(world.ports[0].sent, [{ type: 'hello', protocol: 1, extension: '1' }]);
  assert.equal(host.send({ type: 'records' }), false, 'not before the welcome');
  world.ports[0].say({ type: 'welcome', protocol: 1, host: '0.1.0' });
  assert.equal(host.state, 'ready');
  assert.equal(host.version, '0.1.0');
  assert.equal(host.send({ type: 'records' }), true);
  world.ports[0].say({ type: 'ack', records: [] });
  assert.deepEqual(world.messages, [{ type: 'ack', records: [] }]);
});

test('a host that is missing or stores nothing is tried again, each time after a longer pause', async () => {
  const { host, world } = bench();
  world.error = 'Specified native messaging host not found.';
  host.start();
  const delays = [];
  for (let i = 0; i < 10; i++) {
    await setImmediate();
    world.ports.at(-1).die();
    assert.equal(host.state, 'gone');
    assert.equal(host.message, world.error);
    const retry = world.timers.at(-1);
    delays.push(retry?.ms);
    host.start(); // does nothing, because the next attempt is planned already
    retry?.then();
  }
  assert.deepEqual(delays, [200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]);
  await setImmediate();
  assert.equal(world.ports.length, 11);
  world.ports.at(-1).say({ type: 'welcome', host: '1' });
  world.ports.at(-1).die();
  assert.equal(world.timers.at(-1)?.ms, 30000);
  world.timers.at(-1)?.then();
  await setImmediate();
  world.ports.at(-1).say({ type: 'welcome', host: '1' });
  world.ports.at(-1).say({ type: 'ack', records: [] });
  world.ports.at(-1).die();
  assert.equal(world.timers.at(-1)?.ms, 200);
});

test('a hello that cannot be made is tried again', async () => {
  const { host, world } = bench();
  world.speechless = true;
  host.start();
  await setImmediate();
  assert.equal(host.message, 'Error: the storage is full');
  world.speechless = false;
  world.timers.at(-1)?.then();
  await setImmediate();
  assert.equal(world.ports.length, 1);
});

test('after a refusal the state says what to update', async () => {
  const { host, world } = bench();
  host.start();
  await setImmediate();
  world.ports[0].say({ type: 'refused', protocol: 2, host: '9', update: 'extension', message: 'Update the extension to 9.' });
  assert.equal(host.state, 'refused');
  assert.equal(host.message, 'Update the extension to 9.');
  assert.equal(world.ports[0].closed, true);
  world.ports[0].die(); // the port's late end changes nothing
  assert.equal(host.state, 'refused');
});

test('a host that does not answer is given up and tried again', async () => {
  const { host, world } = bench();
  host.start();
  await setImmediate();
  world.timers[0]?.then();
  assert.equal(world.ports[0].closed, true);
  assert.equal(host.state, 'gone');
  world.timers[1]?.then();
  await setImmediate();
  assert.equal(world.ports.length, 2);
});

test('a browser that refuses to connect is asked again', async () => {
  const { host, world } = bench();
  world.refuse = true;
  host.start();
  await setImmediate();
  assert.equal(host.state, 'gone');
  assert.match(host.message, /no permission/);
  world.refuse = false;
  world.timers[0]?.then();
  await setImmediate();
  assert.equal(world.ports.length, 1);
});
