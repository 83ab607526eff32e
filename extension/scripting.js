// @ts-check
// Which content scripts run where, beyond those of the manifest.

/** The last of the changes below, which go one after the other. */
let restricting = Promise.resolve();

/**
 * Has relays wait for leave to record, or not.
 * @param {boolean} on
 */
export const restrict = (on) => {
  restricting = restricting.then(async () => {
    const there = await chrome.scripting.getRegisteredContentScripts({ ids: ['restricted'] });
    if (on === there.length > 0) return;
    if (!on) return chrome.scripting.unregisterContentScripts({ ids: ['restricted'] });
    /** @type {any} */
    const script = {
      id: 'restricted', js: ['restricted.js'], matches: ['<all_urls>'], runAt: 'document_start', allFrames: true, matchOriginAsFallback: true,
    };
    return chrome.scripting.registerContentScripts([script]);
  }).catch((e) => console.error('relays record before they have leave to', e));
  return restricting;
};

/** Runs in a document: whether our scripts are at work there. */
const isOurs = () => {
  const relay = /** @type {any} */ (globalThis).userlikeInspectorRelay;
  return relay?.document === document && relay.alive();
};

/**
 * @param {any} script
 * @returns {Promise<any[]>} what it gave in each document; none in a page of the browser's own
 */
const run = (script) => chrome.scripting.executeScript({ ...script, injectImmediately: true }).catch(() => []);

/**
 * Runs the manifest's content scripts in the documents of a tab where they are
 * not at work. Where they are they are not run again: what they do to find each
 * other could be heard by the page, which has begun by then.
 * @param {number} tabId
 */
export const inject = async (tabId) => {
  /** @type {any[]} */
  const scripts = chrome.runtime.getManifest().content_scripts ?? [];
  for (const { result: ours, documentId, frameId } of await run({ target: { tabId, allFrames: true }, func: isOurs })) {
    if (ours === true) continue;
    const target = documentId === undefined ? { tabId, frameIds: [frameId] } : { tabId, documentIds: [documentId] };
    for (const { js, world } of scripts) await run({ target, files: js, world });
  }
};
