import js from '@eslint/js';
import globals from 'globals';

// Checks ../extension. Content scripts are classic scripts, all other files are modules.
const contentScripts = [
  // in the extension's isolated world
  '**/messages.js', '**/outbox.js', '**/finds.js', '**/drafts.js', '**/unfinished.js', '**/playback.js', '**/recorder.js', '**/client.js', '**/relay.js', '**/restricted.js',
  // in the page's world
  '**/values.js', '**/snapshot.js', '**/scripts.js', '**/queues.js', '**/simulate.js', '**/chains.js', '**/calls.js', '**/hook.js',
];

export default [
  { ...js.configs.recommended, files: ['**/*.js'] },
  {
    files: ['**/*.js'],
    languageOptions: { sourceType: 'module', globals: { ...globals.browser, ...globals.webextensions } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { eqeqeq: 'error', 'no-var': 'error', 'prefer-const': 'error' },
  },
  { files: contentScripts, languageOptions: { sourceType: 'script' } },
  { files: ['**/recorder.js'], languageOptions: { globals: { createOutbox: 'readonly', createFinds: 'readonly', createDrafts: 'readonly', createUnfinished: 'readonly', createPlayback: 'readonly' } } },
  { files: ['**/relay.js'], languageOptions: { globals: { createRecorder: 'readonly', createClientWatch: 'readonly' } } },
  { files: ['**/tests/*.js'], languageOptions: { globals: globals.node } },
];
