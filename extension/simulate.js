// @ts-check
// Page world, fifth of eight files: calls the page's own function when a tester asks for
// it. It does so as the Userlike client does: as a property of the window, and with values
// from another realm that are new for each call. The realm is that of a hidden frame, as
// with the client. See values.js for the rules that all code here obeys.

/**
 * @typedef {object} PageSimulator
 * @property {(args: string, missing: string) => string} call returns the outcome, a line feed, and what was thrown.
 *   args is a JSON array; missing are the places in it whose value is undefined, as a JSON array of arrays of names
 * @property {() => void} end
 */

(() => {
  'use strict';

  const kit = /** @type {PageKit} */ (/** @type {any} */ (globalThis).userlikeInspectorKit);
  const { uncurry, native, getter, describeError } = kit;

  const { apply, defineProperty } = Reflect;
  const { parse } = JSON;
  native(parse);
  const createElement = uncurry(Document.prototype.createElement);
  const root = getter(Document.prototype, 'documentElement');
  const append = uncurry(Node.prototype.appendChild);
  const parentNode = getter(Node.prototype, 'parentNode');
  const removeChild = uncurry(Node.prototype.removeChild);
  const setAttribute = uncurry(Element.prototype.setAttribute);
  const windowOf = getter(HTMLIFrameElement.prototype, 'contentWindow');

  kit.createSimulator = (page, document, name) => {
    /** @type {any} */
    let frame = null;

    const end = () => {
      const parent = frame === null ? null : parentNode(frame);
      if (parent !== null) removeChild(parent, frame);
      frame = null;
    };

    /** JSON.parse of the frame's realm; of this realm if the page has no element to put a frame into. */
    const parser = () => {
      if (frame !== null && windowOf(frame) === null) end(); // the page has removed the frame
      if (frame === null) {
        const element = root(document);
        if (element === null) return parse;
        frame = createElement(document, 'iframe');
        setAttribute(frame, 'hidden', '');
        append(element, frame);
      }
      const world = windowOf(frame);
      return world === null ? parse : world.JSON.parse;
    };

    return /** @type {PageSimulator} */ (/** @type {any} */ ({
      __proto__: null,
      end,
      call(/** @type {string} */ args, /** @type {string} */ missing) {
        try {
          const read = parser();
          const values = read(args);
          const places = parse(missing);
          for (let i = 0; i < places.length; i++) {
            const place = places[i];
            let holder = values;
            for (let j = 0; j < place.length - 1; j++) holder = holder[place[j]];
            defineProperty(holder, place[place.length - 1], /** @type {any} */ ({
              __proto__: null, value: undefined, writable: true, enumerable: true, configurable: true,
            }));
          }
          const f = /** @type {any} */ (page)[name];
          if (typeof f !== 'function') return 'no handler\n';
          apply(f, page, values);
          return 'returned\n';
        } catch (e) {
          return 'threw\n' + describeError(e);
        }
      },
    }));
  };
})();
//# sourceURL=<anonymous>
