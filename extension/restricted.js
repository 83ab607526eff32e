// @ts-check
// Isolated world, beside relay.js, and only while something is excluded or
// paused: background.js registers it then. Where it has not run, relay.js need
// not wait for leave to record.

/** @type {any} */ (globalThis).userlikeInspectorRestricted = true;
