import js from '@eslint/js';
import globals from 'globals';

// Checks ../extension. Content scripts are classic scripts, the rest modules.
const contentScripts = ['**/messages.js', '**/outbox.js', '**/recorder.js', '**/client.js', '**/relay.js', '**/restricted.js', '**/kinds.js', '**/snapshot.js', '**/scripts.js', '**/queues.js', '**/simulate.js', '**/calls.js', '**/hook.js'];

export default [
  { ...js.configs.recommended, files: ['**/*.js'] },
  {
    files: ['**/*.js'],
    languageOptions: { sourceType: 'module', globals: { ...globals.browser, ...globals.webextensions } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { eqeqeq: 'error', 'no-var': 'error', 'prefer-const': 'error' },
  },
  { files: contentScripts, languageOptions: { sourceType: 'script' } },
  { files: ['**/recorder.js'], languageOptions: { globals: { createOutbox: 'readonly' } } },
  { files: ['**/relay.js'], languageOptions: { globals: { createRecorder: 'readonly', createClientWatch: 'readonly' } } },
  { files: ['**/tests/*.js'], languageOptions: { globals: globals.node } },
];
