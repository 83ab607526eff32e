// A Playwright test that calls a site's function with every documented event, without a
// chat, and checks that none throws and each is passed on. Run it whenever the site or its
// tag manager is deployed. The site's tracking system receives the calls; their values are
// clearly a test's. It needs userlike-inspector on the PATH, Chromium, and the npm package
// playwright-core.
//
//   SITE=https://shop.example/ node --test simulate.test.mjs

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const run = promisify(execFile);
let folder, env, context, calls;

/** Runs a command of Userlike Inspector. If it fails, the promise rejects with its output. */
const inspector = (...args) => run('userlike-inspector', args, { env, maxBuffer: 16 << 20 });

/** The names of calls, such as "chat_started sparse", each followed by what said returns. */
const named = (some, said) => some.map((call) => [call.event, call.variant, said(call)].join(' '));

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulate-'));
  // The browser passes this variable on to the program that it starts, which records there.
  env = { ...process.env, USERLIKE_INSPECTOR_STORE: join(folder, 'events.db') };
  const profile = join(folder, 'profile');
  await inspector('install', '--user-data-dir', profile);
  const extension = (await inspector('extension', 'path')).stdout.trim();
  context = await chromium.launchPersistentContext(profile, {
    executablePath: env.CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: process.getuid() !== 0, // Chromium does not start for root with its sandbox
    env,
    args: [`--disable-extensions-except=${extension}`, `--load-extension=${extension}`],
  });
  const page = await context.newPage();
  await page.goto(env.SITE);
  await page.waitForFunction(() => typeof userlikeTrackingEvent === 'function'); // a tag manager may define it late

  // The exit code is 1 if a call threw or was passed on wrongly, and 2 if not all calls could
  // be made. With 1, the tests below say what is wrong.
  const { stdout } = await inspector('simulate', '--yes', '--format', 'json').catch((failed) => {
    if (failed.code !== 1) throw failed;
    return failed;
  });
  calls = JSON.parse(stdout);
});

after(async () => {
  await context?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

test('the function copes with every event', () => {
  assert.notEqual(calls.length, 0);
  const failed = calls.filter((call) => call.outcome !== 'returned');
  assert.deepEqual(named(failed, (call) => call.threw ?? call.outcome), []);
});

test('every event is passed on', () => {
  const lost = calls.filter((call) => call.hits.length === 0);
  assert.deepEqual(named(lost, () => 'went nowhere'), []);
});
