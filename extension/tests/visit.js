// @ts-check
// A document's recorder with a fake background that the test controls.
import assert from 'node:assert/strict';
import { loadRecorder } from './load.js';
import { assertMade } from './schema.js';

const createRecorder = loadRecorder();

export const ID = '0f8fad5b-d9cb-469f-a165-70867728950e';
export const PAUSED = 'paused by the tester';
const START = Date.parse('2026-01-01T00:00:00.000Z');

/**
 * A document with its background. Messages between them arrive when settle() is called;
 * a test can change the background's state before.
 * @param {Partial<RecorderOptions>} [options]
 */
export const visit = (options = {}) => {
  /** The background's state. */
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
  /** The current port. @type {{open: boolean, running: Map<string, any>} | null} */
  let port = null;

  /** @param {any} record */
  const conceal = (record) => (record.kind === 'call' && Date.parse(record.time) >= background.since
    ? { v: 1, kind: 'gap', id: record.id, seq: record.seq, time: record.time, document: ID, lost: 1, why: PAUSED }
    : record);

  /** @param {any} record */
  const take = (record) => {
    const own = { ...record };
    delete own.pushed; // the host takes it out, so the schema does not have it
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

  /** Lets all messages arrive, and those that are sent because of them. */
  const settle = () => {
    for (let i = 0; i < 100_000 && queue.length > 0; i++) queue.shift()?.();
    assert.equal(queue.length, 0, 'it never ends');
  };

  return {
    recorder, background, stored, spool, sent, orders, page, settle, watch,
    /** Lets the next n messages arrive. @param {number} n */
    step(n) {
      for (let i = 0; i < n; i++) queue.shift()?.();
    },
    /** Breaks the port, as when the background ends. @param {boolean} [unheard] whether the recorder is not told */
    breakPort(unheard = false) {
      const running = port?.open && !background.dead ? [...port.running.values()] : [];
      if (port) port.open = false;
      queue.push(() => { for (const record of running) take(record); });
      if (!unheard) recorder.broke();
    },
    /** Ends the recorder's pauses, after which it connects again. */
    rest() {
      for (const then of page.rests.splice(0)) then();
      settle();
    },
    /** Makes a call. @param {unknown} name @param {string} [during] what the hook says before the call's end */
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
    /** The stored records in their order, each in a few words. */
    told: () => [...stored.values()].sort((a, b) => a.seq - b.seq)
      .map((r) => [r.kind, r.event ?? r.state ?? r.lost ?? r.args?.[0], r.handler?.threw].filter((x) => x !== undefined).join(' ')),
  };
};
