// @ts-check
// Runs content scripts besides those of the manifest.

/** The end of the queue of changes, which are made one after the other. */
let restricting = Promise.resolve();

/**
 * Makes relays wait for permission to record, or not.
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
  }).catch((e) => console.error('the script that makes pages wait for permission to record could not be registered', e));
  return restricting;
};

/** Is run in a document: whether our scripts already work there. */
const isOurs = () => {
  const relay = /** @type {any} */ (globalThis).userlikeInspectorRelay;
  return relay?.document === document && relay.alive();
};

/**
 * @param {any} script
 * @returns {Promise<any[]>} the result in each document; empty for a page of the browser itself
 */
const run = (script) => chrome.scripting.executeScript({ ...script, injectImmediately: true }).catch(() => []);

/**
 * Runs the manifest's content scripts in those documents of a tab in which they do not
 * work yet. They must not run a second time: the page runs by then, and could notice how
 * they connect to each other.
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
