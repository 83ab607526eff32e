// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadHook } from './load.js';

const call = 'userlikeTrackingEvent("e", {client_uuid: "u"}, {})';

test('each way to define the function is seen, and its calls', () => {
  /** @type {[string, string, string][]} */
  const ways = [
    ['function userlikeTrackingEvent() {}', 'appeared declared', 'declared'],
    ['var userlikeTrackingEvent = function () {}', 'appeared declared', 'declared'],
    ['userlikeTrackingEvent = () => {}', 'appeared assigned', 'assigned'],
    ['Reflect.defineProperty(window, "userlikeTrackingEvent", {value() {}, configurable: true})', 'appeared assigned', 'assigned'],
    ['Reflect.defineProperty(window, "userlikeTrackingEvent", {get: () => () => {}, configurable: true})', '', 'assigned'],
    ['Window.prototype.userlikeTrackingEvent = () => {}', 'appeared assigned', 'assigned'],
    ['Reflect.defineProperty(EventTarget.prototype, "userlikeTrackingEvent", {get: () => () => {}, configurable: true})', '', 'assigned'],
  ];
  for (const [code, appeared, state] of ways) {
    const page = loadHook();
    page.run(code);
    page.look();
    assert.deepEqual(page.said(), appeared === '' ? [] : ['handler ' + appeared], code);
    page.run(call);
    page.look();
    assert.equal(page.said().at(-1), 'call 1 ' + state, code);
  }
});

test('what cannot be hooked is said once', () => {
  for (const [code, said] of [
    ['Reflect.defineProperty(window, "userlikeTrackingEvent", {value() {}})', 'handler not-writable its property is neither configurable nor writable'],
    ['Reflect.defineProperty(window, "userlikeTrackingEvent", {get: () => () => {}})', 'handler not-writable its property is an accessor that is not configurable'],
    ['let userlikeTrackingEvent = () => {}', 'handler shadowed let, const or class declares it'],
  ]) {
    const page = loadHook();
    page.run(code ?? '');
    page.look();
    page.look();
    assert.deepEqual(page.said(), [said], code);
  }
});

test('the window stays as it is until there is a function', () => {
  const page = loadHook();
  page.look();
  assert.equal(page.run('"userlikeTrackingEvent" in window'), false);
  page.script('var asked = typeof userlikeTrackingEvent; if (asked === "undefined") userlikeTrackingEvent = () => {}');
  assert.equal(page.run('asked'), 'undefined');
});

test('a script that plainly assigns is waited for, and leaves nothing when it does not', () => {
  const page = loadHook();
  page.script('userlikeTrackingEvent = () => {}; ' + call);
  assert.deepEqual(page.said(), ['handler appeared assigned', 'call 1 assigned']);

  const other = loadHook();
  other.script('if (false) { userlikeTrackingEvent = () => {} }');
  other.look();
  assert.equal(other.run('"userlikeTrackingEvent" in window'), false);
});

test('a chain of wrappers is one call', () => {
  const page = loadHook();
  page.run('var hits = []; userlikeTrackingEvent = () => hits.push(1)');
  page.look();
  page.run('{ const before = userlikeTrackingEvent; userlikeTrackingEvent = (...a) => { hits.push(2); return before(...a); } }');
  page.look();
  page.said();
  page.run(call);
  assert.deepEqual(page.said(), ['call 1 assigned']);
  // Consent queues call later, with the same objects.
  page.run('{ const before = userlikeTrackingEvent; userlikeTrackingEvent = (...a) => { later = () => before(...a); } }');
  page.look();
  page.said();
  page.run(call);
  page.run('later()');
  assert.deepEqual(page.said(), ['call 2 assigned']);
  assert.equal(page.run('hits.join()'), '2,1,2,1');
});

test('replaced, removed and put back', () => {
  const page = loadHook();
  page.run('userlikeTrackingEvent = () => 1');
  page.look();
  page.run('before = userlikeTrackingEvent; userlikeTrackingEvent = () => 2');
  page.run('userlikeTrackingEvent = before');
  page.run('delete window.userlikeTrackingEvent');
  page.look();
  assert.deepEqual(page.said(), ['handler appeared assigned', 'handler replaced assigned', 'handler replaced assigned', 'handler removed']);
  page.run('window.userlikeTrackingEvent = before');
  page.look();
  assert.deepEqual(page.said(), ['handler appeared assigned']);
  assert.equal(page.run('userlikeTrackingEvent === before && userlikeTrackingEvent()'), 1);
});

test('this, results, errors and new pass through', () => {
  const page = loadHook();
  page.run(`
    error = new TypeError("no");
    userlikeTrackingEvent = function (what) {
      if (what === "throw") throw error;
      return new.target ? { target: new.target } : [this, arguments.length];
    }`);
  page.look();
  page.said();
  assert.equal(page.run('var o = {}; const [self, n] = userlikeTrackingEvent.call(o, 1, 2); self === o && n'), 2);
  assert.equal(page.run('new userlikeTrackingEvent().target === userlikeTrackingEvent'), true);
  assert.equal(page.run('try { userlikeTrackingEvent("throw") } catch (e) { e === error }'), true);
  assert.deepEqual(page.said(), ['call 1 assigned', 'call 2 assigned', 'call 3 assigned', 'threw 3 TypeError: no']);
});

test('an orphan gives the page back what it had', () => {
  for (const code of ['function userlikeTrackingEvent() { return mine }', 'var f = () => mine; Window.prototype.userlikeTrackingEvent = f',
    'userlikeTrackingEvent = () => mine', 'Reflect.defineProperty(window, "userlikeTrackingEvent", {get: () => () => mine, configurable: true})']) {
    const page = loadHook();
    page.run('var mine = 1;' + code);
    page.look();
    page.run('page.answered = false');
    assert.equal(page.run(call), 1, code);
    assert.doesNotMatch(page.run('Function.prototype.toString.call(userlikeTrackingEvent)'), /native/, code);
    page.run('page.answered = true');
    page.run(call);
    assert.deepEqual(page.said().filter((s) => s.startsWith('call')), [], code);
  }
});

test('a stand-in is there when it is asked for, and gives way', () => {
  const page = loadHook();
  page.control('stand-in');
  assert.equal(page.run('"userlikeTrackingEvent" in window'), false, 'not while the page is read');
  page.run('page.readyState = "complete"');
  page.look();
  page.run(call);
  assert.deepEqual(page.said(), ['call 1 missing']);
  page.run('userlikeTrackingEvent = () => {}; ' + call);
  assert.deepEqual(page.said(), ['handler appeared assigned', 'call 2 assigned']);

  const other = loadHook();
  other.run('page.readyState = "complete"');
  other.control('stand-in');
  other.control('no stand-in');
  assert.equal(other.run('"userlikeTrackingEvent" in window'), false);
});

test('a call that no stack was left to tell of reaches the site, and is counted', () => {
  const page = loadHook();
  page.run('userlikeTrackingEvent = (name) => name');
  page.look();
  page.said();
  page.run('page.exhausted = true');
  assert.equal(page.run(call), 'e');
  assert.equal(page.run(call), 'e');
  page.run('page.exhausted = false');
  page.look();
  page.look();
  assert.deepEqual(page.said(), ['gap 2 the page called when its stack was almost exhausted']);
});
