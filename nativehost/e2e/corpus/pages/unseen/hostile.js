// Makes every built-in throw.
(() => {
  'use strict';
  const { ownKeys, defineProperty, getOwnPropertyDescriptor } = Reflect;
  const broken = () => { throw 'broken by the page'; };
  const spoil = (holder) => {
    const keys = ownKeys(holder);
    for (let i = 0; i < keys.length; i++) {
      const d = getOwnPropertyDescriptor(holder, keys[i]);
      if (!d.configurable || keys[i] === 'constructor') continue;
      if (typeof d.value === 'function') defineProperty(holder, keys[i], { __proto__: null, value: broken, writable: true, configurable: true });
      else if (d.get || d.set) defineProperty(holder, keys[i], { __proto__: null, get: broken, set: broken, configurable: true });
    }
  };
  const holders = [];
  const names = ownKeys(window);
  for (let i = 0; i < names.length; i++) {
    const { value } = getOwnPropertyDescriptor(window, names[i]);
    if (typeof value !== 'function' && typeof value !== 'object' || value === null || value === window || value === client) continue;
    if (names[i] === 'args' || names[i] === 'location' || names[i] === 'document') continue;
    if (typeof value === 'function' && value.prototype) holders[holders.length] = value.prototype;
    holders[holders.length] = value;
  }
  for (let i = 0; i < holders.length; i++) spoil(holders[i]);
  for (let i = 0; i < names.length; i++) {
    const d = getOwnPropertyDescriptor(window, names[i]);
    if (typeof d.value === 'function' && d.configurable) defineProperty(window, names[i], { __proto__: null, value: broken, writable: true, configurable: true });
  }
})();
