// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadSnapshot } from './load.js';

const { plainlyAssigns, calls } = loadSnapshot().kit;
const f = 'userlikeTrackingEvent';

test('scripts that plainly assign the name are recognised', () => {
  for (const [text, how] of [
    [`${f} = function () {}`, 'assigned'],
    [`${f}=()=>{}`, 'assigned'],
    [`window.${f} = () => {}`, 'assigned'],
    [`self . ${f}\n=\n() => {}`, 'assigned'],
    [`a(); ${f} = b`, 'assigned'],
    [`// Passes chat events on to Analytics.\n${f} = function (a) {};`, 'assigned'],
    [`// To do: see window.\n  ${f} = b`, 'assigned'],
    [`window.\n  ${f} = b`, 'assigned'],
    [`events.${f} = b`, ''],
    [`if (true) { ${f} = b }`, 'assigned'],
    [`/* why */\n${f} = b; ${f}("e")`, 'assigned'],
    ['\n'.repeat(200) + `${f} = b`, 'assigned'],
    [`<!-- ${f} = b`, 'assigned'],
    [`(function(){ window.${f} = f })()`, 'assigned'],
    [`var ${f} = function () {}`, 'declared'],
    [`a = {b: 1}; var ${f} = function () {}; ${f}("e")`, 'declared'],
    [`(function () { var ${f} = b })()`, ''],
    [`var ${f} = window.${f} || b`, ''],
    [`var ${f}`, ''],
    [`var a = ${f} = b`, ''],
    [`${f} = ${f} || b`, ''],
    [`window.${f} = window.${f} || b`, ''],
    [`a.${f} = b`, ''],
    [`${f} == b`, ''],
    [`${f} => b`, ''],
    [`let ${f} = b`, ''],
    [`const ${f} = b`, ''],
    [`class ${f} {}`, ''],
    [`window.${f} ||= b`, ''],
    [`window.${f} ??= b`, ''],
    [`if (typeof ${f} === "undefined") { ${f} = b }`, ''],
    [`if (!("${f}" in window)) { window.${f} = b }`, ''],
    [`my_${f} = b`, ''],
    [`Object.defineProperty(window, "${f}", {})`, ''],
    [`${f}("e")`, ''],
    [`function ${f}() {}`, ''],
    [`"use strict"; ${f} = b`, ''],
    [`${f} = b; typeof ${f}`, ''],
    [`${f} = b; typeof (window.${f})`, ''],
    [`${f} = b; "${f}" in window`, ''],
    [`${f} = b; var ${f}`, ''],
    [`if (!${f}) ${f} = b`, ''],
    ['x'.repeat(200) + `${f} = b`, ''],
    ['', ''],
  ]) assert.equal(plainlyAssigns(text ?? ''), how, text);
});

test('scripts that call the function in the same run are recognised', () => {
  for (const text of [`${f}("e")`, `window.${f} ("e")`, `${f}?.("e")`, `${f}.call(a)`, `${f}?.apply(a, b)`, `function ${f}() {} ${f}()`, `go(() => ${f}())`]) {
    assert.equal(calls(text), true, text);
  }
  for (const text of [`function ${f}() {}`, `async function* ${f} () {}`, `${f} = () => {}`, `my${f}()`, `${f}.calls`, '',
    `setTimeout(() => ${f}("e"), 9)`, `setTimeout(function () { ${f}("e") }, 9)`, `b.addEventListener("click", () => ${f}("e"))`]) {
    assert.equal(calls(text), false, text);
  }
  assert.equal(calls(`setTimeout(() => {}); ${f}("e")`), true);
});

test('long texts do not take long', () => {
  for (const piece of ['\n', ' ', `${f}\n`, `${f} `, `typeof ${f} `, '{', `var ${f} `, `;${f}\t`, `setTimeout(${f}(`]) {
    const text = piece.repeat(2_000_000 / piece.length);
    plainlyAssigns(text + `${f} = b`);
    assert.equal(plainlyAssigns(`${f} = b;` + text), plainlyAssigns(`${f} = b;` + piece), piece);
    plainlyAssigns(`var ${f} = b;` + text);
    calls(text);
  }
});
