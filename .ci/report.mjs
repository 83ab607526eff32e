// Opens reports as people do, on a phone and a desk, light and dark, and fails
// when axe finds a barrier, when it must be scrolled sideways, when the console
// says anything, or when a section does not show.
//
//   node report.mjs REPORT.html…

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const axe = createRequire(import.meta.url)('axe-core').source;
const wrong = [];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', chromiumSandbox: process.getuid?.() !== 0 });
for (const [width, colorScheme] of [[360, 'dark'], [1280, 'light']]) {
  for (const file of process.argv.slice(2)) {
    const complain = (what) => wrong.push(`${file}, ${width} px, ${colorScheme}: ${what}`);
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    page.on('console', (message) => complain(`the console says ${message.text()}`));
    await page.goto(pathToFileURL(file).href);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) complain(`${wide} px are outside`);
    for (const id of ['inspected', 'findings', 'journeys', 'consent', 'coverage']) {
      if (!await page.locator(`section#${id} h2`).isVisible()) complain(`the section ${id} does not show`);
    }
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    for (const { id, help, nodes } of violations) complain(`${id}: ${help}: ${nodes[0].html}`);
    await page.close();
  }
}
await browser.close();
if (wrong.length) {
  console.error(wrong.join('\n'));
  process.exitCode = 1;
}
