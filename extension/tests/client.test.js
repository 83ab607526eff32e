// @ts-check
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadClient } from './load.js';

const createClientWatch = loadClient();

const CDN = 'https://userlike-cdn-widgets.s3-eu-west-1.amazonaws.com/loader.js';

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {string} text
 * @param {any} [owner] the document
 */
const element = (name, attributes, text = '', owner = undefined) => ({
  localName: name,
  id: attributes.id ?? '',
  src: attributes.src ? new URL(attributes.src, 'https://shop.example/').href : '',
  textContent: text,
  ownerDocument: owner,
  attributes: Object.entries(attributes).map(([key, value]) => ({ name: key, value })),
  getAttribute: (/** @type {string} */ key) => attributes[key] ?? null,
  contentDocument: /** @type {any} */ (undefined),
});
/** @param {Record<string, string>} attributes @param {string} [text] */
const script = (attributes, text) => element('script', attributes, text);

/** @param {{address?: string, late?: boolean, frame?: any}} [options] */
const page = ({ address = 'https://shop.example/cart', late = false, frame = null } = {}) => {
  /** @type {string[][]} */
  const said = [];
  const make = () => ({
    scripts: /** @type {any[]} */ ([]), frames: /** @type {any[]} */ ([]), mounted: /** @type {any} */ (null), readyState: 'loading',
    listeners: /** @type {Record<string, Function>} */ ({}),
  });
  const document = make();
  const watch = createClientWatch({
    document: /** @type {any} */ (document), location: /** @type {any} */ (new URL(address)), scripts: document.scripts, frames: document.frames,
    has: () => document.mounted !== null, complete: () => document.readyState === 'complete', frame: () => frame, late,
    listen(target, type, heard, on) {
      const { listeners } = /** @type {ReturnType<typeof make>} */ (/** @type {unknown} */ (target));
      if (on) listeners[type] = heard;
      else delete listeners[type];
    },
    say: (stage, text) => said.push([stage, text]),
  });
  watch.attend();
  return {
    document, make, watch, said,
    /** The stages that have been found by now. @returns {string} */
    stages: () => {
      watch.look();
      return said.map(([stage]) => stage).join(' ');
    },
    /** @param {any} target */
    fire: (/** @type {string} */ type, target, isTrusted = true, where = document) =>
      where.listeners[type]?.({ type, target: { ...target, ownerDocument: target.ownerDocument ?? where }, isTrusted }),
    /** @param {object} violation */
    violate: (violation) => document.listeners.securitypolicyviolation?.({
      isTrusted: true, disposition: 'enforce', effectiveDirective: 'script-src-elem', ...violation,
    }),
  };
};

test('each way in which consent managers hold a script tag back is recognised', () => {
  /** @type {[Record<string, string>, string?][]} */
  const tags = [
    [{ type: 'text/plain', 'data-cookieconsent': 'marketing', src: '//userlike-cdn-widgets.example/w.js' }],
    [{ type: 'text/plain', 'data-usercentrics': 'Userlike', src: CDN }],
    [{ type: 'text/plain', 'data-cookiecategory': 'functional', src: 'https://userlike-cdn-umm.b-cdn.net/loader.js' }],
    [{ type: 'text/plain', class: 'cmplazyload', 'data-cmp-src': CDN }],
    [{ type: 'text/plain', 'data-type': 'application/javascript', 'data-name': 'userlike', 'data-src': CDN }],
    [{ type: 'text/template', 'data-borlabs-cookie-script-blocker-src': CDN }],
    [{ type: 'javascript/blocked', src: 'https://userlike.com/widget.js' }],
    [{ type: 'text/plain', suppressedsrc: 'https://www.lime-connect.com/x.js' }],
    [{ 'data-cookieblock-src': CDN }],
    [{ type: 'text/javascript', src: 'about:blank', 'data-src': CDN }],
    [{ type: 'text/plain', 'data-cookieconsent': 'x' }, 'var s = document.createElement("script"); s.src = "//userlike-cdn-widgets.example/w.js"'],
  ];
  for (const [attributes, text] of tags) {
    const { document, stages, said } = page();
    document.scripts.push(script({}, 'inline'), script(attributes, text));
    assert.equal(stages(), 'held-back', JSON.stringify(attributes));
    assert.match(said[0]?.[1] ?? '', /^its script tag has .*does not run/);
  }
});

test('the text names what a tester can look for in the page', () => {
  const { document, watch, said } = page();
  document.scripts.push(script({ type: 'text/plain', 'data-cookieconsent': 'marketing', src: CDN }));
  watch.look();
  assert.deepEqual(said, [['held-back', 'its script tag has the type "text/plain", with which it does not run; it has "data-cookieconsent"']]);
});

test('a script tag that has not run, other scripts, and texts that name the client are no stage', () => {
  const { document, stages } = page();
  document.scripts.push(
    script({ src: CDN }), script({ type: 'module', src: CDN }), script({ type: ' Text/JavaScript ', src: CDN }),
    script({ src: '/userlike-cdn.js' }), script({ src: 'https://cdn.example/userlike.com/x.js' }), script({ src: 'https://notuserlike.com/x.js' }),
    script({ type: 'text/plain', src: 'https://cdn.example/x.js' }), script({ type: 'application/ld+json' }, '{"about": "https://www.userlike.com/"}'),
    script({ src: '/start.js', 'data-base-url': CDN }), script({ 'data-src': 'https://userlike-cdn[' }),
  );
  assert.equal(stages(), '');
});

test('a script has run when it has loaded, and not before', () => {
  const { document, stages, fire } = page();
  document.scripts.push(script({ src: CDN }));
  assert.equal(stages(), '');
  fire('load', script({ src: CDN }), false); // the page's own event
  fire('load', script({ src: 'https://cdn.example/x.js' }));
  assert.equal(stages(), '');
  fire('load', script({ src: CDN }));
  assert.equal(stages(), 'loaded');
});

test('a script that is refused is told with the reason', () => {
  const missing = page();
  missing.fire('error', script({ src: CDN }), false);
  missing.fire('error', script({ src: 'https://cdn.example/x.js' }));
  missing.fire('error', element('img', { src: CDN }));
  assert.equal(missing.stages(), '');
  missing.fire('error', script({ src: CDN }));
  assert.equal(missing.stages(), 'refused');
  assert.equal(missing.said[0]?.[1], 'its script from userlike-cdn-widgets.s3-eu-west-1.amazonaws.com did not load: ' +
    'it is blocked, it is not there, or it could not be reached');

  const forbidden = page();
  forbidden.violate({ blockedURI: CDN, disposition: 'report' });
  forbidden.violate({ blockedURI: CDN, isTrusted: false });
  forbidden.violate({ blockedURI: CDN, effectiveDirective: 'img-src' });
  forbidden.violate({ blockedURI: 'inline' });
  assert.equal(forbidden.stages(), '');
  forbidden.fire('error', script({ src: CDN }));
  forbidden.violate({ blockedURI: CDN });
  assert.equal(forbidden.stages(), 'refused');
  assert.match(forbidden.said[0]?.[1] ?? '', /^the page's Content-Security-Policy refuses userlike-cdn-widgets\..* \(script-src-elem\)$/);
});

test('the client\'s frame and its messenger are seen, and no messenger without a frame', () => {
  const { document, stages } = page();
  document.mounted = element('div', { id: 'userlike-container' });
  assert.equal(stages(), '');
  document.mounted = null;
  document.frames.push(element('iframe', { id: 'other' }), element('iframe', { id: 'userlike-frame-0f0e' }));
  assert.equal(stages(), 'framed');
  document.mounted = element('div', { id: 'userlike-container' });
  assert.equal(stages(), 'framed mounted');
  assert.equal(stages(), 'framed mounted');
});

test('the page that holds the client\'s frame tells of the scripts in it', () => {
  const { document, make, stages, fire, said } = page();
  const frame = element('iframe', { id: 'userlike-frame-0f0e' });
  frame.contentDocument = make();
  document.frames.push(frame);
  stages();
  fire('error', script({ src: 'https://shop.example/chat/1.js' }), true, frame.contentDocument);
  assert.equal(stages(), 'framed refused');
  fire('load', script({ src: CDN }), true, frame.contentDocument);
  assert.equal(stages(), 'framed refused loaded');
  assert.match(said.at(-1)?.[1] ?? '', /in its frame$/);

  Object.defineProperty(frame, 'contentDocument', { get() { throw new Error('of another origin'); } });
  assert.equal(stages(), 'framed refused loaded');
});

test('the client\'s own frame tells of no stage', () => {
  const { document, stages, fire, violate } = page({ frame: { id: 'userlike-frame-0f0e' } });
  document.scripts.push(script({ type: 'text/plain', src: CDN }), script({ src: CDN }));
  document.frames.push(element('iframe', { id: 'userlike-frame-2' }));
  fire('load', script({ src: CDN }));
  fire('error', script({ src: CDN }));
  violate({ blockedURI: CDN });
  assert.equal(stages(), '');
  const other = page({ frame: { id: 'advert' } });
  other.fire('load', script({ src: CDN }));
  assert.equal(other.stages(), 'loaded');
});

test('on Userlike\'s own pages, only scripts from its CDN count', () => {
  const { stages, fire } = page({ address: 'https://www.userlike.com/en/' });
  fire('load', script({ src: 'https://www.userlike.com/app.js' }));
  assert.equal(stages(), '');
  fire('load', script({ src: CDN }));
  assert.equal(stages(), 'loaded');
});

test('in a page that was open before the extension, scripts count when the page is complete', () => {
  const { document, stages } = page({ late: true });
  document.scripts.push(script({ src: CDN }));
  assert.equal(stages(), '');
  document.readyState = 'complete';
  assert.equal(stages(), 'loaded');

  const without = page({ late: true });
  without.document.readyState = 'complete';
  without.stages();
  without.document.scripts.push(script({ src: CDN })); // its load event is still to come
  assert.equal(without.stages(), '');
});

test('nothing listens any more after dispose', () => {
  const { watch, document } = page();
  watch.dispose();
  assert.deepEqual(document.listeners, {});
});
