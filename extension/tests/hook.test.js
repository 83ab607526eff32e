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

test('a function that cannot be hooked is told once', () => {
  for (const [code, said] of [
    ['Reflect.defineProperty(window, "userlikeTrackingEvent", {value() {}})', 'handler not-writable its property is neither configurable nor writable'],
    ['Reflect.defineProperty(window, "userlikeTrackingEvent", {get: () => () => {}})',
      'handler not-writable its property is an accessor that is not configurable'],
    ['let userlikeTrackingEvent = () => {}', 'handler shadowed let, const or class declares it'],
  ]) {
    const page = loadHook();
    page.run(code ?? '');
    page.look();
    page.look();
    assert.deepEqual(page.said(), [said], code);
  }
});

test('the page\'s regular expressions do not tell that anything was searched', () => {
  const page = loadHook();
  page.run('/p(ro)be/.exec("a probe b")');
  page.run(`{ const script = new Element('script'); script.src = 'https://shop.example/gtm.js?id=GTM-1&l=shopLayer'; page.scripts.push(script); }`);
  page.look();
  page.script('var shopLayer = []; userlikeTrackingEvent = (name) => { shopLayer.push({event: name, at: new Date(), found: /x/, key: "~/"}); };');
  page.script(`setTimeout(() => ${call}); if (typeof userlikeTrackingEvent === "function") ${call}`);
  page.run(call);
  page.run('try { userlikeTrackingEvent(new Proxy({}, {ownKeys() { throw new TypeError("no") }}), 1n, Symbol("s")); } catch {}');
  page.control('limits 10 10 10 10');
  page.control('simulate\\n["e",{},{}]\\n[]');
  page.look();
  assert.ok(page.told().length > 5);
  assert.deepEqual(page.run('[RegExp.lastMatch, RegExp.$1, RegExp.input, RegExp.leftContext, RegExp.rightContext, RegExp.lastParen]'),
    ['probe', 'ro', 'a probe b', 'a ', ' b', 'ro']);
});

test('the window is not changed until there is a function', () => {
  const page = loadHook();
  page.look();
  assert.equal(page.run('"userlikeTrackingEvent" in window'), false);
  page.script('var asked = typeof userlikeTrackingEvent; if (asked === "undefined") userlikeTrackingEvent = () => {}');
  assert.equal(page.run('asked'), 'undefined');
});

test('an accessor waits for a script that plainly assigns, and is removed if that assigns nothing', () => {
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
  assert.deepEqual(page.said(), ['call 2 assigned', 'passed 2']);
  assert.equal(page.run('hits.join()'), '2,1,2,1');
});

const wrapper = '{ const before = userlikeTrackingEvent; kept = []; userlikeTrackingEvent = (...a) => { kept.push(a); };' +
  'pass = (a) => before.apply(null, a); }';
const contexts = 'G = {client_uuid: "u"}; S = {session_id: "s"};';

test('a call that a queue passes on later is told once', () => {
  /** @type {[string, string][]} */
  const ways = [
    ['the same objects', 'kept.forEach(pass)'],
    ['from the last on', 'kept.reverse().forEach(pass)'],
    ['copies by JSON', 'JSON.parse(JSON.stringify(kept)).forEach(pass)'],
    ['copies by structure', 'kept.map((a) => a.map((v) => ({...v}))).forEach((a, i) => pass([kept[i][0], a[1], a[2]]))'],
    ['more in it', 'kept.forEach(([n, g, s]) => pass([n, {...g, queued: true}, {...s}]))'],
    ['after a change', 'S.chat_id = "c"; kept.forEach(pass)'],
    ['one by one', 'pass(kept[0]); pass(kept[1]); kept.slice(2).forEach(pass)'],
  ];
  const page = loadHook();
  for (const calls of [
    'for (const n of ["a", "b", "b", "b", "c"]) userlikeTrackingEvent(n, G, S)',
    'for (const n of ["a", "b", "b", "b", "c"]) userlikeTrackingEvent(n, {...G}, {...S})',
    'for (const n of ["a", "b", "b", "b", "c"]) userlikeTrackingEvent(n, G, {...S, chat_id: undefined})',
  ]) {
    for (const [way, code] of ways) {
      page.run('delete globalThis.userlikeTrackingEvent');
      page.look();
      page.run('heard = 0; userlikeTrackingEvent = () => void heard++;' + contexts);
      page.look();
      page.run(wrapper);
      page.settle();
      page.told();
      page.run(calls);
      assert.equal(page.told().map((s) => s.replace(/ \d+/, '')).join(), Array(5).fill('call assigned,done no').join(), way);
      page.run(code);
      assert.equal(page.told().map((s) => s.replace(/ \d+/, '')).join(), Array(5).fill('passed').join(), `${calls}: ${way}`);
      assert.equal(page.run('heard'), 5, way);
      // All of them were passed on. So the same arguments once more are a new call.
      page.run('pass(["b", G, S])');
      assert.equal(page.said().length, 1, way);
    }
  }
});

test('a queue that is emptied while a call runs passes on its calls and the running one', () => {
  const page = loadHook();
  page.run('heard = []; userlikeTrackingEvent = (n) => void heard.push(n);' + contexts);
  page.look();
  page.run('{ const before = userlikeTrackingEvent; kept = []; open = false; userlikeTrackingEvent = function (n, g, s) {' +
    'open ||= n === "ok"; if (!open) return kept.push([n, {...g}, s]); kept.splice(0).forEach((a) => before(...a)); before(n, {...g}, s); } }');
  page.settle();
  page.told();
  page.run('for (const n of ["a", "a", "ok", "b"]) userlikeTrackingEvent(n, G, S)');
  assert.deepEqual(page.told().filter((s) => !s.startsWith('call')), ['done 1 no', 'done 2 no', 'passed 1', 'passed 2', 'done 3 yes', 'done 4 yes']);
  assert.equal(page.run('heard.join()'), 'a,a,ok,b');
});

test('calls of a queue that are passed to the function that replaces it are no new calls', () => {
  const page = loadHook();
  page.run('kept = []; userlikeTrackingEvent = function () { kept.push(arguments); };' + contexts);
  page.look();
  page.settle();
  page.run('for (const n of ["a", "b", "b"]) userlikeTrackingEvent(n, G, S)');
  page.told();
  page.run('heard = 0; userlikeTrackingEvent = () => void heard++; kept.forEach((a) => userlikeTrackingEvent(...a)); userlikeTrackingEvent("b", G, S)');
  assert.deepEqual(page.said(), ['handler replaced assigned', 'call 4 assigned']);
  page.settle();
  page.run('userlikeTrackingEvent("b", G, S)');
  assert.deepEqual(page.said(), ['call 5 assigned']);
});

test('calls are told once by a queue that puts the first function back and passes them to it', () => {
  for (const drain of ['kept.forEach(pass)', 'JSON.parse(JSON.stringify(kept)).forEach((a) => userlikeTrackingEvent(...a))']) {
    for (const consent of [drain, 'userlikeTrackingEvent("ok", G, S)']) {
      const page = loadHook();
      page.run('heard = 0; userlikeTrackingEvent = () => void heard++;' + contexts);
      page.look();
      page.run('{ const before = userlikeTrackingEvent; kept = []; pass = (a) => before(...a); open = () => { userlikeTrackingEvent = before; ' + drain +
        ' }; userlikeTrackingEvent = (n, ...a) => { kept.push([n, ...a]); if (n === "ok") open(); } }');
      page.settle();
      page.told();
      page.run('for (const n of ["a", "a", "b"]) userlikeTrackingEvent(n, G, S)');
      assert.equal(page.said().length, 3);
      page.run(consent === drain ? 'open()' : consent);
      assert.equal(page.said().filter((s) => s.startsWith('call')).length, consent === drain ? 0 : 1, drain + consent);
      page.settle();
      page.run('userlikeTrackingEvent("a", G, S)');
      assert.equal(page.said().filter((s) => s.startsWith('call')).length, 1, drain + consent);
      assert.equal(page.run('heard'), consent === drain ? 4 : 5);
    }
  }
});

test('the end of a call says whether the function that was there before was called', () => {
  /** What a page with a function does, and how its call then ends. @type {[string, string[]][]} */
  const ways = [
    ['', ['done 1']],
    ['userlikeTrackingEvent = () => 2', ['done 1 no']],
    ['{ const f = userlikeTrackingEvent; userlikeTrackingEvent = (...a) => f(...a) }', ['done 1 yes']],
    ['userlikeTrackingEvent = () => 1', ['done 1']],
    ['userlikeTrackingEvent = undefined; userlikeTrackingEvent = () => 2', ['done 1']],
    ['userlikeTrackingEvent = null; userlikeTrackingEvent = () => 2', ['done 1']],
    ['delete globalThis.userlikeTrackingEvent; userlikeTrackingEvent = () => 2', ['done 1']],
    ['f = userlikeTrackingEvent; userlikeTrackingEvent = () => 2; userlikeTrackingEvent = f', ['done 1']],
    ['userlikeTrackingEvent = (() => 1).bind(1); userlikeTrackingEvent = (() => 1).bind(2)', ['done 1 no']],
    ['userlikeTrackingEvent = () => { throw 1 }', ['threw 1 1', 'done 1 no']],
  ];
  for (const [code, ends] of ways) {
    const page = loadHook();
    page.run('userlikeTrackingEvent = () => 1');
    page.look();
    page.run(code);
    page.look();
    page.told();
    page.run('try { ' + call + ' } catch {}');
    assert.deepEqual(page.told().slice(1), ends, code);
  }
});

test('a function that is taken away and set again in one task is not removed', () => {
  for (const gone of ['userlikeTrackingEvent = undefined', 'userlikeTrackingEvent = null', 'delete globalThis.userlikeTrackingEvent']) {
    const page = loadHook();
    page.run('userlikeTrackingEvent = () => 1');
    page.look();
    page.said();
    page.run(gone + '; userlikeTrackingEvent = () => 2');
    page.look();
    page.run(gone);
    page.look();
    page.look();
    assert.deepEqual(page.said(), ['handler replaced assigned', 'handler removed'], gone);
  }
});

test('a bound function is not taken for one of another window', () => {
  const page = loadHook();
  page.run('userlikeTrackingEvent = (() => {}).bind(); top = opener = { userlikeTrackingEvent, length: 0 }');
  page.look();
  page.run(call);
  assert.deepEqual(page.said(), ['handler appeared assigned', 'call 1 assigned']);
});

test('a function that is replaced, removed and put back is told each time', () => {
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

test('this, results, errors and new are as without the hook', () => {
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

test('a hook whose extension has gone puts back the page\'s own function', () => {
  for (const code of [
    'function userlikeTrackingEvent() { return mine }',
    'var f = () => mine; Window.prototype.userlikeTrackingEvent = f',
    'userlikeTrackingEvent = () => mine',
    'Reflect.defineProperty(window, "userlikeTrackingEvent", {get: () => () => mine, configurable: true})',
  ]) {
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

test('after the extension was reloaded, the new hook tells every call, and once', () => {
  for (const code of [
    'function userlikeTrackingEvent() {}',
    'userlikeTrackingEvent = () => {}',
    'Window.prototype.userlikeTrackingEvent = () => {}',
    'Reflect.defineProperty(window, "userlikeTrackingEvent", {get: () => () => {}, configurable: true})',
  ]) {
    const page = loadHook();
    page.run(code);
    page.look();
    page.run(call);
    page.look();
    page.said();
    page.reload();
    page.run(call);
    page.run(call);
    page.look();
    const said = page.said();
    assert.equal(said.filter((s) => s.startsWith('call ')).length, 2, `${code}: ${said}`);
    assert.ok(!said.some((s) => s.includes('another window')), `${code}: ${said}`);
  }
});

test('a stand-in is put in place when it is asked for, and gives way to the site\'s function', () => {
  const page = loadHook();
  page.control('stand-in');
  assert.equal(page.run('"userlikeTrackingEvent" in window'), false, 'not while the page is being parsed');
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

test('a call that cannot be told because the stack is full reaches the site, and is counted', () => {
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

test('a simulated call is made as the client makes one, with the arguments of its order', () => {
  const page = loadHook();
  const order = 'simulate\\n["chat_started",{"client_uuid":"u"},{"chat_id":"c"}]\\n[["2","operator_id"]]';
  page.control(order);
  assert.deepEqual(page.said(), ['simulated no handler']);
  page.run(`
    var got = [];
    userlikeTrackingEvent = function (name, globals, session) {
      got.push({
        name,
        own: this === window,
        foreign: !(globals instanceof Object),
        there: 'operator_id' in session,
        is: typeof session.operator_id,
        frame: page.frame.hidden,
      });
      got.last = globals;
    }`);
  page.control(order); // the hook sees the call although it has not looked for the function since
  assert.deepEqual(page.said(), ['handler appeared assigned', 'call 1 assigned', 'simulated returned']);
  assert.deepEqual(page.run('got[0]'), { name: 'chat_started', own: true, foreign: true, there: true, is: 'undefined', frame: '' });
  page.run('var first = got.last');
  page.control(order);
  assert.equal(page.run('first === got.last'), false, 'values are made anew');
  page.said();
  page.run('userlikeTrackingEvent = () => { throw new TypeError("no operator"); }');
  page.control(order);
  assert.deepEqual(page.said().slice(-2), ['threw 3 TypeError: no operator', 'simulated threw TypeError: no operator']);
  page.run('page.root.removeChild(page.frame)');
  page.control(order);
  assert.equal(page.said().at(-1), 'simulated threw TypeError: no operator');
  page.control('end simulation');
  assert.equal(page.run('page.frame.parentNode'), null);
});
