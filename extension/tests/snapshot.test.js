// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadSnapshot } from './load.js';

/**
 * The snapshot of an argument list that a page writes as code.
 * @param {string} code
 * @param {ReturnType<typeof loadSnapshot>} [page]
 */
function take(code, page = loadSnapshot()) {
  const [args, notes] = page.kit.snapshot(page.run(`[${code}]`)).split('\n');
  return { args: JSON.parse(args ?? ''), notes: JSON.parse(notes ?? '') };
}

test('values that JSON has are kept as they are, without notes', () => {
  for (const code of [
    '', 'null', 'true', '0', '-1.5e300', '"a\\u2028b\\n\\"\\\\"', '"😀"', '{}', '[]', '[[],{}]',
    '{a:{b:[1,"x",null,false]}}', '"chat_started",{client_uuid:"u"},{custom_data:{}}',
    'Object.create(null)', '{constructor:1,toString:2}', 'JSON.parse(\'{"__proto__":{"a":1}}\')',
    'Object.defineProperty({a:1},"hidden",{value:2})', 'new String("s")', 'new Number(3)', 'new Boolean(false)',
    '(function(){return arguments})(1,2)',
  ]) {
    const page = loadSnapshot();
    const { args, notes } = take(code, page);
    assert.equal(JSON.stringify(args), page.run(`JSON.stringify([${code}])`), code);
    assert.deepEqual(notes, [], code);
  }
});

test('values that JSON does not have are noted at their place', () => {
  /** @type {[string, unknown, object[]][]} */
  const cases = [
    ['undefined', [null], [{ at: '/0', is: 'undefined' }]],
    ['{a:undefined,b:1}', [{ b: 1 }], [{ at: '/0/a', is: 'undefined' }]],
    ['NaN', [null], [{ at: '/0', is: 'nan' }]],
    ['[Infinity,-Infinity,-0]', [[null, null, 0]], [
      { at: '/0/0', is: 'infinity' }, { at: '/0/1', is: '-infinity' }, { at: '/0/2', is: '-0' },
    ]],
    ['123456789012345678901234567890n', [null], [{ at: '/0', is: 'bigint', text: '123456789012345678901234567890' }]],
    ['2n ** 100000n', [null], [{ at: '/0', is: 'bigint', text: 'more than 4096 bits' }]],
    ['Object(5n)', [null], [{ at: '/0', is: 'bigint', text: '5' }]],
    ['{s:Symbol("q")}', [{}], [{ at: '/0/s', is: 'symbol', text: 'q' }]],
    ['[Symbol()]', [[null]], [{ at: '/0/0', is: 'symbol' }]],
    ['{f(){}}', [{}], [{ at: '/0/f', is: 'function', text: 'f' }]],
    ['[() => {}]', [[null]], [{ at: '/0/0', is: 'function' }]],
    ['new Date(0)', ['1970-01-01T00:00:00.000Z'], [{ at: '/0', is: 'date' }]],
    ['new Date(NaN)', [null], [{ at: '/0', is: 'date', text: 'Invalid Date' }]],
    ['/a+/gi', [{}], [{ at: '/0', is: 'regexp', text: 'a+' }]],
    ['new Map([[1,2]])', [{}], [{ at: '/0', is: 'map', text: '1' }]],
    ['new Set()', [{}], [{ at: '/0', is: 'set', text: '0' }]],
    ['new RangeError("no")', [{}], [{ at: '/0', is: 'error', text: 'RangeError: no' }]],
    ['new Node("DIV")', [{}], [{ at: '/0', is: 'node', text: 'DIV' }]],
    ['new (class Foo{constructor(){this.a=1} get b(){throw 1} toJSON(){throw 1}})', [{ a: 1 }], [{ at: '/0', is: 'instance', text: 'Foo' }]],
    ['window', [{}], [{ at: '/0', is: 'instance', text: 'Window' }]],
    ['Promise.resolve()', [{}], [{ at: '/0', is: 'instance', text: 'Promise' }]],
    ['new (class D extends Date{})(0)', ['1970-01-01T00:00:00.000Z'], [{ at: '/0', is: 'date' }]],
    ['[1,,3]', [[1, null, 3]], [{ at: '/0/1', is: 'hole' }]],
    ['{get a(){throw 1},b:1}', [{ b: 1 }], [{ at: '/0/a', is: 'getter' }]],
    ['Object.defineProperty([1],0,{get(){throw 1}})', [[null]], [{ at: '/0/0', is: 'getter' }]],
    ['(() => {const c={n:1};c.in={c};return c})()', [{ n: 1, in: { c: null } }], [{ at: '/0/in/c', is: 'cycle', text: '/0' }]],
    ['(() => {const s={x:1};return [s,s]})()', [[{ x: 1 }, { x: 1 }]], []],
    ['"a\\ud800b"', ['a\ufffdb'], [{ at: '/0', is: 'lone-surrogate' }]],
    ['{"\\udc00":1}', [{ '\ufffd': 1 }], [{ at: '/0/\ufffd', is: 'lone-surrogate' }]],
    ['{"a/b~c":NaN,"":NaN}', [{ 'a/b~c': null, '': null }], [{ at: '/0/a~1b~0c', is: 'nan' }, { at: '/0/', is: 'nan' }]],
    ['{"":{"":NaN}}', [{ '': { '': null } }], [{ at: '/0//', is: 'nan' }]],
    ['new Proxy({v:1},{})', [{ v: 1 }], []],
    ['new Proxy({},{ownKeys(){throw 1}})', [{}], [{ at: '/0', is: 'instance', text: 'unreadable' }]],
    ['(() => {const r=Proxy.revocable([],{});r.revoke();return r.proxy})()', [{}], [{ at: '/0', is: 'instance', text: 'unreadable' }]],
    // The snapshot asks for each key twice: whether it is enumerable, then for its value.
    ['new Proxy({a:NaN,b:1},{n:0,getOwnPropertyDescriptor(t,k){if(++this.n>3)throw 1;return Object.getOwnPropertyDescriptor(t,k)}})', [{}],
      [{ at: '/0', is: 'instance', text: 'unreadable' }]],
    ['new Proxy([],{get(){return {valueOf(){throw 1}}}})', [{}], [{ at: '/0', is: 'instance', text: 'unreadable' }]],
  ];
  for (const [code, args, notes] of cases) {
    assert.deepEqual(take(code), { args, notes }, code);
  }
});

test('values of another realm are recognised as in their own', () => {
  const page = loadSnapshot();
  const other = loadSnapshot();
  const list = other.run('[{a:[{}]}, new Date(0), new Map(), new Error("x"), new (class Bar{}), [undefined]]');
  const [args, notes] = page.kit.snapshot(list).split('\n');
  assert.deepEqual(JSON.parse(args ?? ''), [{ a: [{}] }, '1970-01-01T00:00:00.000Z', {}, {}, {}, [null]]);
  assert.deepEqual(JSON.parse(notes ?? ''), [
    { at: '/1', is: 'date' }, { at: '/2', is: 'map', text: '0' }, { at: '/3', is: 'error', text: 'Error: x' },
    { at: '/4', is: 'instance', text: 'Bar' }, { at: '/5/0', is: 'undefined' },
  ]);
});

test('values that are too large are cut, with a note', () => {
  const long = take('"x".repeat(70000)');
  assert.equal(long.args[0].length, 65536);
  assert.deepEqual(long.notes, [{ at: '/0', is: 'truncated', text: '70000' }]);

  const pair = take('"x".repeat(65535) + "😀"');
  assert.equal(pair.args[0], 'x'.repeat(65535), 'a surrogate pair is not cut in two');
  assert.deepEqual(pair.notes, [{ at: '/0', is: 'truncated', text: '65537' }]);

  const wide = take('Array(30000).fill(1)');
  assert.ok(wide.args[0].length > 19_000 && wide.args[0].length <= 20_000);
  assert.deepEqual(wide.notes, [{ at: '/0', is: 'truncated', text: '30000' }]);

  const sparse = take('new Array(4294967295)');
  assert.ok(sparse.args[0].length <= 20_000);

  const deep = take('(() => {let d={};for(let i=0;i<60;i++)d={d};return d})()');
  let depth = 0;
  for (let d = deep.args[0]; d !== undefined; d = d.d) depth++;
  assert.equal(depth, 49, '48 levels and the empty one that was cut');
  assert.deepEqual(deep.notes, [{ at: '/0' + '/d'.repeat(48), is: 'truncated', text: '1' }]);

  const page = loadSnapshot();
  const heavy = page.kit.snapshot(page.run('[Array.from({length:100},()=>"y".repeat(60000))]'));
  assert.ok(heavy.length > 1_000_000 && heavy.length < 1_200_000, String(heavy.length));
});

test('the tester can set other limits', () => {
  const page = loadSnapshot();
  page.kit.limit('3 2 1000 32768');
  const [json = '', notes = ''] = page.kit.snapshot(page.run('["abcd", {a: {b: {c: 1}}}, Array(3000).fill(1)]')).split('\n');
  const args = JSON.parse(json);
  assert.deepEqual(args.slice(0, 2), ['abc', { a: { b: {} } }]);
  assert.ok(args[2].length >= 990 && args[2].length <= 2000, String(args[2].length));
  assert.deepEqual(JSON.parse(notes).map((/** @type {any} */ n) => n.at), ['/0', '/1/a/b', '/2']);
});

test('a large argument leaves room for those after it, and args keeps its length', () => {
  const { args, notes } = take('"e",{a:Array(30000).fill(0)},{custom_data:{b:1}},4');
  assert.deepEqual(args.slice(2), [{ custom_data: { b: 1 } }, 4]);
  assert.deepEqual(notes, [{ at: '/1/a', is: 'truncated', text: '30000' }]);
});

test('built-ins that the page has replaced are not called', () => {
  const page = loadSnapshot();
  page.run(`
    globalThis.asked = [];
    const defineProperty = Reflect.defineProperty, ownKeys = Reflect.ownKeys, describe = Reflect.getOwnPropertyDescriptor;
    const list = [{a:[1,,NaN],d:new Date(0),m:new Map([[1,2]]),e:new Error('x'),s:'a\\ud800',k:Symbol('q'),['a/b']:1n,c:new (class Foo{})}];
    globalThis.list = list;
    const owners = [];
    for (const C of [Object,Function,Array,String,Number,BigInt,Symbol,RegExp,Date,Map,Set,WeakMap,WeakSet,Error,Boolean]) owners.push(C, C.prototype);
    owners.push(Reflect, JSON);
    for (const o of owners) for (const k of ownKeys(o)) {
      const d = describe(o, k);
      if (!d.configurable || k === 'constructor' || k === 'name' || k === 'prototype') continue;
      const trap = { __proto__: null, configurable: true };
      if (typeof d.value === 'function') trap.value = function () { asked[asked.length] = String(k); };
      else if (d.get) trap.get = function () { asked[asked.length] = String(k); };
      else continue;
      owners.push([o, k, trap]);
    }
    const push = (o, k, trap) => defineProperty(o, k, trap);
    for (let i = 0; i < owners.length; i++) if (owners[i].length === 3 && typeof owners[i] === 'object') push(owners[i][0], owners[i][1], owners[i][2]);
    for (const k in { value: 0, get: 0, set: 0, name: 0, is: 0, at: 0 })
      defineProperty(Object.prototype, k, { __proto__: null, configurable: true, get() { asked[asked.length] = 'inherited ' + k; } });
  `);
  const list = page.run('list');
  const text = page.kit.snapshot(list);
  assert.equal(page.run('asked.length ? asked[0] : ""'), '');
  assert.deepEqual(JSON.parse(text.split('\n')[0] ?? ''), [{
    a: [1, null, null], d: '1970-01-01T00:00:00.000Z', m: {}, e: {}, s: 'a\ufffd', 'a/b': null, c: {},
  }]);
});

test('values are recognised although the page has changed their prototypes', () => {
  const renamed = loadSnapshot();
  renamed.run('delete Date.prototype.constructor; Map.prototype.constructor = Object;');
  assert.deepEqual(take('new Date(0), new Map()', renamed).notes, [{ at: '/0', is: 'date' }, { at: '/1', is: 'map', text: '0' }]);

  const polluted = loadSnapshot();
  polluted.run(`globalThis.ran = 0;
    for (const k of ["writable", "value"]) {
      Object.defineProperty(Object.prototype, k, { __proto__: null, get() { ran++; return 1; } });
    }`);
  assert.deepEqual(take('{get a(){ran++;return 2},b:3}', polluted), { args: [{ b: 3 }], notes: [{ at: '/0/a', is: 'getter' }] });
  assert.equal(polluted.run('ran'), 0);
});

test('errors are described without running their code', () => {
  for (const [code, want] of [
    ['new TypeError("no")', 'TypeError: no'],
    ['new (class MyError extends Error{})("x")', 'Error: x'],
    ['Object.assign(new Error("x"),{name:"Custom"})', 'Custom: x'],
    ['"text"', 'text'], ['5', '5'], ['null', 'null'], ['undefined', 'undefined'], ['Symbol("x")', 'symbol'],
    ['{message:"m"}', 'object: m'], ['{get message(){throw 1}}', 'object'],
    ['new Proxy({},{getOwnPropertyDescriptor(){throw 1}})', 'unreadable'],
  ]) {
    const { kit, run } = loadSnapshot();
    assert.equal(kit.describeError(run(`(${code})`)), want, code);
  }
});

test('nothing stays in the page once hook.js has taken the kit', () => {
  const { run } = loadSnapshot();
  assert.equal(run('delete globalThis.userlikeInspectorKit'), true);
});
