// A Playwright test that checks how a site's chat is tracked. To use it for your site,
// change what the visitor does. It needs userlike-inspector on the PATH, Chromium, and the
// npm package playwright-core.
//
//   SITE=https://shop.example/ node --test chat.test.mjs

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const run = promisify(execFile);
let folder, env, context;

/** Runs a command of Userlike Inspector. If it fails, the promise rejects with its output. */
const inspector = (...args) => run('userlike-inspector', args, { env });

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chat-'));
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
});

after(async () => {
  await context?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

test('a visitor who starts a chat is tracked', async () => {
  await inspector('mark', 'chat');
  const page = await context.newPage();
  await page.goto(env.SITE);
  await page.getByRole('button', { name: 'Open the chat' }).click();
  await page.getByRole('button', { name: 'Accept and chat' }).click();
  await page.getByLabel('Your name').fill('Grace');
  await page.getByLabel('Your e-mail address').fill('grace@shop.example');
  await page.getByRole('button', { name: 'Start chat' }).click();
  await page.getByLabel('Your message').fill('Is the olive tree hardy?');
  await page.getByRole('button', { name: 'Send' }).click();

  // This needs no sleep: wait returns as soon as the event is recorded, or at once if it
  // was recorded before.
  const { stdout } = await inspector('wait', 'contact_first_message', '--since', 'mark:chat');
  const [, globalContext, sessionContext] = JSON.parse(stdout).args;
  assert.equal(globalContext.widget_lang, 'en');
  assert.equal(sessionContext.client_name, 'Grace');
});

test('nothing that was tracked is wrong', async () => {
  const { stdout } = await inspector('check', '--since', 'mark:chat', '--format', 'json', '--fail-on', 'never');
  const errors = JSON.parse(stdout).findings.filter((finding) => finding.severity === 'error');
  assert.deepEqual(errors.map((finding) => `${finding.rule}: ${finding.message}`), []);
});
