// @ts-check
// How far Userlike's client has come in a document: whether its tag is held back,
// its script was refused or has run, its frame or its messenger is there. Only
// looks and listens; what is found goes to a function that it is given.

/**
 * @typedef {object} ClientOptions
 * @property {Document} document asked for nothing: an element of a page's can stand in the place of any of its members
 * @property {Location} location
 * @property {Iterable<HTMLScriptElement>} scripts of the document, kept up to date
 * @property {Iterable<HTMLIFrameElement>} frames likewise
 * @property {(selector: string) => boolean} has whether such an element is there
 * @property {() => boolean} complete whether the document has loaded
 * @property {(target: Document, type: string, heard: (event: any) => void, on: boolean) => void} listen capturing; or no more
 * @property {() => Element | null} frame the element that holds the document, if this world may see it
 * @property {boolean} late the document was there before this script, which may have missed something
 * @property {(stage: string, text: string) => void} say a client's state in the record's schema, each once
 */

/** @param {ClientOptions} options */
// eslint-disable-next-line no-unused-vars -- relay.js uses it
function createClientWatch(options) {
  'use strict';

  const { document, location, scripts, frames, has, complete, frame, late, say } = options;

  const MAX_INLINE = 20_000;
  const MAX_WORD = 80;
  // The client's hosts by Userlike's page on content security policy; the newer
  // name of the product; and the loader's older one, userlike.com itself.
  const HOST = /^userlike-cdn|(?:^|\.)(?:userlike|lime-connect)\.com$/;
  const MENTION = /\/\/(?:userlike-cdn|(?:[\w-]+\.)*(?:userlike|lime-connect)\.com[/:])/;
  // The types of scripts that run, by the HTML standard.
  const RUNS = /^\s*(?:module|(?:text|application)\/(?:x-)?(?:java|ecma)script|text\/(?:jscript|livescript|javascript1\.[0-5]))?\s*$/i;
  const HOLDERS = /cookie|consent|usercentrics|cmp|iub|borlabs|ccm|category/;
  const MESSENGER = '[data-test-id="userlike-container"],iframe[title="Messenger"],#userlike-container,#userlikeButtonContainer,#uslk-messenger';

  /** @type {Set<string>} */
  const said = new Set();
  /** Scripts that have been looked at and hold nothing back. @type {WeakSet<Element>} */
  const others = new WeakSet();
  /** Where late, scripts of the client's that were there at first. @type {HTMLScriptElement[] | undefined} */
  let earlier;
  /** What an error at a script means, until a policy's violation says more. */
  let refusal = '';

  /** @param {string} stage @param {string} text */
  const once = (stage, text) => {
    if (said.has(stage)) return;
    said.add(stage);
    say(stage, text);
  };

  /** @param {string} word the page's */
  const quote = (word) => JSON.stringify(word.slice(0, MAX_WORD));

  /** The host of an address of the client's, '' of any other. @param {string | null} address */
  const clientHost = (address) => {
    if (address === null || address.length > 4096 || !MENTION.test(`${address}/`)) return '';
    try {
      const { hostname } = new URL(address, location.href);
      // Userlike's own pages have scripts of their own.
      return HOST.test(hostname) && (hostname !== location.hostname || hostname.startsWith('userlike-cdn')) ? hostname : '';
    } catch {
      return '';
    }
  };

  /** Whether this is the client's own frame, of which the document that holds it speaks. */
  const isOwn = () => frame()?.id.startsWith('userlike-frame-') === true;

  /** @param {Element} script */
  const runs = (script) => RUNS.test(script.getAttribute('type') ?? '');

  /** Why a script tag of the client's does not run, '' where it does or is another's. @param {Element} script */
  const heldBack = (script) => {
    const inert = !runs(script);
    const src = clientHost(script.getAttribute('src'));
    if (!inert && src !== '') return '';
    const attributes = [...script.attributes];
    const elsewhere = attributes.find(({ name, value }) => name !== 'src' && /src/.test(name) && clientHost(value) !== '');
    const holder = attributes.find(({ name }) => name !== elsewhere?.name && HOLDERS.test(name));
    // Of data, JSON above all, it says nothing that the client is mentioned.
    const code = holder !== undefined || /plain|javascript/i.test(script.getAttribute('type') ?? '');
    const inline = inert && code && script.textContent.length <= MAX_INLINE && MENTION.test(script.textContent);
    if (src === '' && elsewhere === undefined && !inline) return '';
    const why = inert
      ? `its script tag has the type ${quote(script.getAttribute('type') ?? '')}, with which it does not run`
      : `its script tag has its address in ${quote(elsewhere?.name ?? '')}, so that it does not run`;
    return holder === undefined ? why : `${why}; it has ${quote(holder.name)}`;
  };

  const lookAtScripts = () => {
    for (const script of scripts) {
      if (others.has(script)) continue;
      const why = heldBack(script);
      if (why !== '') {
        once('held-back', why);
        return;
      }
      others.add(script);
    }
  };

  /** What ran before this script did leaves no event. */
  const lookBack = () => {
    earlier ??= [...scripts].filter((script) => runs(script) && clientHost(script.src) !== '');
    if (earlier.length === 0 || !complete() || said.has('refused')) return;
    once('loaded', 'its script was in the page before this was inspected');
  };

  const lookAtFrames = () => {
    for (const one of frames) {
      if (!one.id.startsWith('userlike-frame-')) continue;
      once('framed', 'its frame is in the page');
      try {
        // The client's scripts are in there. Again and again: Firefox replaces
        // the document of a new frame.
        listen(one.contentDocument);
      } catch {
        // Of another origin, for whatever reason: then nothing is heard of it.
      }
    }
  };

  /** @param {Event} event load or error at a script or a frame, in this document or the client's frame */
  const happened = (event) => {
    if (!event.isTrusted) return;
    const target = /** @type {Element} */ (event.target);
    if (target.localName === 'iframe') look();
    if (target.localName !== 'script') return;
    const within = target.ownerDocument !== document;
    const script = /** @type {HTMLScriptElement} */ (target);
    const host = clientHost(script.src) || (within && script.src !== '' ? quote(script.src) : '');
    if (host === '' || isOwn()) return;
    if (event.type === 'load') {
      once('loaded', `its script from ${host} has run${within ? ', in its frame' : ''}`);
      look();
    } else {
      refusal ||= `its script from ${host} did not load: it is blocked, it is not there, or it could not be reached`;
    }
  };

  /** @param {SecurityPolicyViolationEvent} event */
  const violated = (event) => {
    const host = clientHost(event.blockedURI);
    if (!event.isTrusted || event.disposition !== 'enforce' || host === '' || isOwn()) return;
    if (!/^(?:script|connect|default)-src/.test(event.effectiveDirective)) return;
    refusal = `the page's Content-Security-Policy refuses ${host} (${event.effectiveDirective})`;
  };

  /** @param {Document | null} where @param {boolean} [on] */
  const listen = (where, on = true) => {
    if (where === null) return;
    options.listen(where, 'load', happened, on);
    options.listen(where, 'error', happened, on);
    options.listen(where, 'securitypolicyviolation', violated, on);
  };

  /** Looks at what is there now. */
  const look = () => {
    if (isOwn()) return;
    if (refusal !== '') once('refused', refusal);
    lookAtFrames();
    if (late) lookBack();
    const there = said.has('loaded') || said.has('framed');
    if (!there && !said.has('held-back')) lookAtScripts();
    if (there && !said.has('mounted') && has(MESSENGER)) once('mounted', 'its button or window is in the page');
  };

  return {
    look,
    /** Again and again: document.open() removes the listeners. */
    attend: () => listen(document),
    dispose: () => listen(document, false),
  };
}
