// @ts-check
// Finds out how far Userlike's client has come in a document: whether its tag is held
// back, its script was refused or has run, its frame or its messenger is there. It
// only looks and listens, and reports what it finds to options.say.

/**
 * @typedef {object} ClientOptions
 * @property {Document} document none of its members is read: an element of the page can replace any of them by its name
 * @property {Location} location
 * @property {Iterable<HTMLScriptElement>} scripts of the document, kept up to date
 * @property {Iterable<HTMLIFrameElement>} frames the same for frames
 * @property {(selector: string) => boolean} has whether such an element is there
 * @property {() => boolean} complete whether the document has loaded
 * @property {(target: Document, type: string, heard: (event: any) => void, on: boolean) => void} listen adds a capturing listener, or removes it
 * @property {() => Element | null} frame the element that holds the document, if this world may see it
 * @property {boolean} late the document was there before this script, which may have missed events
 * @property {(stage: string, text: string) => void} say is called once for each state of the client, in the words of the record's schema
 */

/** @param {ClientOptions} options */
// eslint-disable-next-line no-unused-vars -- relay.js uses it
function createClientWatch(options) {
  'use strict';

  const { document, location, scripts, frames, has, complete, frame, late, say } = options;

  const MAX_INLINE = 20_000;
  const MAX_WORD = 80;
  // The client's hosts: those that Userlike's page on content security policy lists,
  // those of the product's newer name, and userlike.com, the loader's older host.
  const HOST = /^userlike-cdn|(?:^|\.)(?:userlike|lime-connect)\.com$/;
  const MENTION = /\/\/(?:userlike-cdn|(?:[\w-]+\.)*(?:userlike|lime-connect)\.com[/:])/;
  // The types of scripts that browsers run:
  // https://html.spec.whatwg.org/multipage/scripting.html#prepare-the-script-element
  const RUNS = /^\s*(?:module|(?:text|application)\/(?:x-)?(?:java|ecma)script|text\/(?:jscript|livescript|javascript1\.[0-5]))?\s*$/i;
  const HOLDERS = /cookie|consent|usercentrics|cmp|iub|borlabs|ccm|category/;
  const MESSENGER = '[data-test-id="userlike-container"],iframe[title="Messenger"],#userlike-container,#userlikeButtonContainer,#uslk-messenger';

  /** @type {Set<string>} */
  const said = new Set();
  /** Scripts that were checked and are not held-back tags of the client. @type {WeakSet<Element>} */
  const others = new WeakSet();
  /** If late, the client's scripts that were already there. @type {HTMLScriptElement[] | undefined} */
  let earlier;
  /** What an error event of a script means, until the violation of a policy says more. */
  let refusal = '';

  /** @param {string} stage @param {string} text */
  const once = (stage, text) => {
    if (said.has(stage)) return;
    said.add(stage);
    say(stage, text);
  };

  /** @param {string} word chosen by the page */
  const quote = (word) => JSON.stringify(word.slice(0, MAX_WORD));

  /** The host of an address if it is one of the client's hosts, else ''. @param {string | null} address */
  const clientHost = (address) => {
    if (address === null || address.length > 4096 || !MENTION.test(`${address}/`)) return '';
    try {
      const { hostname } = new URL(address, location.href);
      // On Userlike's own pages, scripts of the same host are not the client.
      return HOST.test(hostname) && (hostname !== location.hostname || hostname.startsWith('userlike-cdn')) ? hostname : '';
    } catch {
      return '';
    }
  };

  /** Whether this document is the client's own frame. The document around it reports on it. */
  const isOwn = () => frame()?.id.startsWith('userlike-frame-') === true;

  /** @param {Element} script */
  const runs = (script) => RUNS.test(script.getAttribute('type') ?? '');

  /** Why a script tag of the client does not run, '' if it runs or is not the client's. @param {Element} script */
  const heldBack = (script) => {
    const inert = !runs(script);
    const src = clientHost(script.getAttribute('src'));
    if (!inert && src !== '') return '';
    const attributes = [...script.attributes];
    const elsewhere = attributes.find(({ name, value }) => name !== 'src' && /src/.test(name) && clientHost(value) !== '');
    const holder = attributes.find(({ name }) => name !== elsewhere?.name && HOLDERS.test(name));
    // In data such as JSON, the client's name alone proves nothing.
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

  /** Finds scripts that ran before this one, whose events were missed. */
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
        // The client's scripts are in its frame. The listeners are added each time, because
        // Firefox replaces the first document of a frame:
        // https://bugzilla.mozilla.org/show_bug.cgi?id=543435
        listen(one.contentDocument);
      } catch {
        // The frame has another origin. Then its events cannot be heard.
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
    /** Is called again and again, because document.open() removes the listeners. */
    attend: () => listen(document),
    dispose: () => listen(document, false),
  };
}
