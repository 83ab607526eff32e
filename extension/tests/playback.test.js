// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { ID, visit } from './visit.js';

test('a simulation makes its calls one after the other, and reports each step', () => {
  /** What the hook answers to an order, by event. @type {Record<string, (n: number) => string[]>} */
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
  v.recorder.said('simulated\nreturned\n'); // an answer without an order is ignored
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

test('a simulation stops when its time is up, in a pause, when it is cancelled and when the port breaks', () => {
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
