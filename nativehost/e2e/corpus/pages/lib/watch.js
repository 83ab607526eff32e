// Counts the calls of every built-in function of the page's world while watch.on is true.
const watch = (() => {
  'use strict';
  const { apply, construct, ownKeys, defineProperty, getOwnPropertyDescriptor } = Reflect;
  const PageProxy = Proxy;
  const counts = Object.create(null);
  const state = { on: false, counts };

  const counted = (label, f) => new PageProxy(f, {
    __proto__: null,
    apply(target, self, args) {
      if (state.on) counts[label] = (counts[label] ?? 0) + 1;
      return apply(target, self, args);
    },
    construct(target, args, newTarget) {
      if (state.on) counts[label] = (counts[label] ?? 0) + 1;
      return construct(target, args, newTarget);
    },
  });

  const patch = (path, holder) => {
    for (const key of ownKeys(holder)) {
      const d = getOwnPropertyDescriptor(holder, key);
      if (!d.configurable || key === 'constructor') continue;
      const label = path + '.' + String(key);
      for (const part of ['value', 'get', 'set']) {
        if (typeof d[part] === 'function') d[part] = counted(label, d[part]);
      }
      defineProperty(holder, key, d);
    }
  };

  const names = Object.getOwnPropertyNames(window).filter((name) => name !== 'userlikeTrackingEvent');
  const values = names.map((name) => [name, getOwnPropertyDescriptor(window, name)]);
  for (const [name, d] of values) {
    if (typeof d.value !== 'function' && typeof d.value !== 'object' || d.value === null || d.value === window) continue;
    if (typeof d.value === 'function' && d.value.prototype) patch(name + '.prototype', d.value.prototype);
    patch(name, d.value);
  }
  for (const [name, d] of values) {
    if (typeof d.value === 'function' && d.configurable) defineProperty(window, name, { ...d, value: counted(name, d.value) });
  }
  for (const [name, holder] of [['%IteratorPrototype%', [][Symbol.iterator]().__proto__.__proto__], ['%ArrayIterator%', [][Symbol.iterator]().__proto__],
    ['%GeneratorFunction%', (function* () {}).constructor.prototype], ['%AsyncFunction%', (async () => {}).constructor.prototype]]) {
    patch(name, holder);
  }
  return state;
})();
