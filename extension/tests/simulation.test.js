// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { connection } from '../recording.js';
import { Simulations } from '../simulation.js';

/** A background with pages, each with its relay's connection. */
const bench = () => {
  /** @type {any[]} */
  const said = [];
  /** @type {(() => void)[]} */
  const timers = [];
  /** @type {import('../recording.js').Connection[]} */
  const connections = [];
  const simulations = new Simulations({
    connections: () => connections, send: (message) => said.push(message), later: (_, then) => void timers.push(then),
  });
  /** @param {string} document @param {number} tab */
  const page = (document, tab) => {
    /** @type {any[]} */
    const heard = [];
    const relay = connection({ tab, frame: 0, document: '', url: `https://${document}.example/`, origin: '', incognito: false, began: 0 }, (m) => heard.push(m));
    relay.document = document;
    relay.page = { url: relay.url, title: document, known: true };
    connections.push(relay);
    return { relay, heard };
  };
  return { simulations, said, timers, connections, page };
};

test('the pages are sent when all have answered, or when the time is up', () => {
  const b = bench();
  b.simulations.ask('none');
  const [shop, blog] = [b.page('shop', 1), b.page('blog', 2)];
  b.page('', 3); // it has said nothing yet
  b.simulations.ask('q');
  assert.deepEqual(shop.heard, [{ type: 'ask', id: 'q' }]);
  b.simulations.asked(blog.relay, { id: 'q', handler: false });
  b.simulations.asked(shop.relay, { id: 'q', handler: true });
  b.simulations.asked(shop.relay, { id: 'q', handler: true });
  b.simulations.asked(shop.relay, { id: 'other', handler: true });
  for (const then of b.timers) then();
  assert.deepEqual(b.said, [
    { type: 'pages', id: 'none', pages: [] },
    { type: 'pages', id: 'q', pages: [
      { document: 'blog', tab: 2, frame: 0, url: 'https://blog.example/', title: 'blog', handler: false },
      { document: 'shop', tab: 1, frame: 0, url: 'https://shop.example/', title: 'shop', handler: true },
    ] },
  ]);
});

test('a simulation is started once, in its page, and its steps are passed on', () => {
  const b = bench();
  const [shop, blog] = [b.page('shop', 1), b.page('blog', 2)];
  const request = { id: 'run', document: 'shop', calls: [{ args: ['e'], undefined: [] }], pause: 5, until: '2026-01-01T00:00:00.000Z' };
  b.simulations.begin(request);
  b.simulations.begin(request); // from a host that has connected again
  b.simulations.begin({ ...request, id: 'second' });
  b.simulations.begin({ ...request, id: 'nobody', document: 'gone' });
  assert.deepEqual(shop.heard, [{ type: 'simulate', calls: request.calls, pause: 5, until: Date.parse(request.until) }]);
  b.simulations.cancel('nobody');
  b.simulations.cancel('run');
  assert.deepEqual(shop.heard.slice(1), [{ type: 'cancel' }]);
  b.simulations.step(blog.relay, { stage: 'called', index: 0, outcome: 'returned' }); // a page that runs no simulation
  b.simulations.step(shop.relay, { stage: 'calling', index: 0 });
  b.connections.splice(0, 1);
  b.simulations.gone(shop.relay);
  b.simulations.step(shop.relay, { stage: 'ended', index: 1 });
  assert.deepEqual(b.said.map((m) => [m.id, m.stage, m.index, m.why]), [
    ['second', 'stopped', 0, 'busy'], ['nobody', 'stopped', 0, 'no-page'], ['run', 'calling', 0, undefined], ['run', 'stopped', 0, 'left'],
  ]);
});
