// Opens reports in Chromium, at the width of a phone in dark colours and at the width of a
// desktop in light ones. It fails if axe finds a barrier, if the page must be scrolled
// sideways, if the console shows any message, or if a section is not visible.
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
    const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] })); // the others are not described, which saves half of the time
    for (const { id, help, nodes } of violations) complain(`${id}: ${help}: ${nodes[0].html}`);
    await page.close();
  }
}
await browser.close();
if (wrong.length) {
  console.error(wrong.join('\n'));
  process.exitCode = 1;
}
