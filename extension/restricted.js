// @ts-check
// Isolated world, beside relay.js. background.js registers this script only while
// something is excluded or paused. Where it has not run, relay.js need not wait for
// permission to record.

/** @type {any} */ (globalThis).userlikeInspectorRestricted = true;
