// What a page can find out about a property and about a function, as JSON.
const observe = (() => {
  'use strict';
  const {
    getOwnPropertyDescriptor,
    prototype: { toString: tag },
  } = Object;
  const { toString: source } = Function.prototype;
  const attempt = (f) => {
    try {
      return f();
    } catch (e) {
      return `${e.name}: ${e.message}`;
    }
  };

  return {
    /** What f returns, or the error that it throws. */
    attempt,

    property(holder, name) {
      const d = getOwnPropertyDescriptor(holder, name);
      if (d === undefined) return 'none';
      const { get, set, value, ...attributes } = d;
      return { ...attributes, ...('value' in d ? { value: typeof value } : { get: typeof get, set: typeof set }) };
    },

    callable(f) {
      if (typeof f !== 'function') return typeof f;
      return {
        name: f.name,
        length: f.length,
        source: source.call(f).replace(/.*\[native code\].*/s, 'native code'),
        tag: tag.call(f),
        keys: Reflect.ownKeys(f).map(String),
        attributes: Reflect.ownKeys(f).map((key) => {
          const { writable, enumerable, configurable } = getOwnPropertyDescriptor(f, key);
          return [writable, enumerable, configurable];
        }),
        ordinary: [f instanceof Function, Object.getPrototypeOf(f) === Function.prototype, f.constructor === Function, Object.isExtensible(f)],
        prototype: attempt(() => f.prototype && Reflect.ownKeys(f.prototype).map(String)),
        constructorOfPrototype: attempt(() => f.prototype && f.prototype.constructor === f),
        // Browsers use different words for these errors, so only their names are kept.
        caller: attempt(() => String(f.caller)).split(':')[0],
        arguments: attempt(() => String(f.arguments)).split(':')[0],
        clone: attempt(() => structuredClone(f)).split(':')[0],
        json: attempt(() => JSON.stringify([f])),
      };
    },

    /** A stack's frames without their addresses: functions and files. */
    stack(error) {
      return error.stack.split('\n').map((line) => line.trim().replaceAll(location.origin, '').replace(/[a-z]+-extension:\/\/[^/]+/, 'extension:').replace(/:\d+:\d+/g, ''));
    },
  };
})();
