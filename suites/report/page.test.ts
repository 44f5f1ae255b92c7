/** The page in a real browser: Chromium without a window, from disk, with the network off. Its screenshots are in reports/page. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { pageScript } from '../../src/command/page-script.ts';
import { REPORTS } from '../../src/command/project.ts';
import { progress } from '../../src/command/say.ts';
import { ensureBrowser } from '../../src/lab/engine/ensure-browser.ts';
import { renderHtml } from '../../src/report/html.ts';
import { madeReport } from '../../src/report/made-report.ts';

const FOLDER = join(REPORTS, 'page');
/** Two subjects of 100 slots of 10 tasks: 1,000 tasks each. */
const BIG = join(FOLDER, 'thousand-tasks.html');
const SMALL = join(FOLDER, 'small.html');
const ALONE = join(FOLDER, 'alone.html');
const PHONE = { width: 360, height: 844, isMobile: true, hasTouch: true };
const DESK = { width: 1280, height: 900 };

let browser: Browser;
let page: Page;
/** Of the test before; a browser with many pages open is slow. */
let last: Page | undefined;
let faults: string[];

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  const script = pageScript();
  writeFileSync(SMALL, renderHtml(madeReport({ scenarios: 6, slots: 3, tasks: 2 }), script));
  writeFileSync(BIG, renderHtml(madeReport({ scenarios: 1, slots: 100, tasks: 10 }), script));
  writeFileSync(ALONE, renderHtml(madeReport({ scenarios: 1, slots: 1, tasks: 1 }), script));
  const executablePath = await ensureBrowser(progress);
  browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}, 900_000);

afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  faults = [];
  await last?.close();
  page = await browser.newPage();
  last = page;
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => faults.push(message.text()));
  page.on('request', (request) => {
    if (!/^(file|data):/.test(request.url())) faults.push(`asked for ${request.url()}`);
  });
  await page.setOfflineMode(true);
  await page.setViewport(DESK);
});

const open = async (path: string, hash = ''): Promise<void> => {
  await page.goto(pathToFileURL(path).href + hash);
};

const shoot = async (name: string): Promise<void> => {
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
};

/** The scenarios that are not filtered away. */
const shown = (): Promise<readonly string[]> =>
  page.$$eval('details.scenario:not([hidden])', (found) => found.map(({ id }) => id));

const inSight = (selector: string): Promise<boolean> =>
  page.$eval(selector, (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });

describe('the page', () => {
  test('opens from disk without the network and without a complaint', async () => {
    await open(SMALL);
    expect(await page.$eval('h1', (title) => title.textContent)).toContain('Swarm');
    expect(await shown()).toHaveLength(6);
    await shoot('desk');
    expect(faults).toEqual([]);
  });

  test('finds by words and shows what needs a look, in sections and in both tables', async () => {
    await open(SMALL);
    await page.type('#find', 'made-3 r1');
    expect(await shown()).toEqual(['slot-refill--made-3']);
    expect(await page.$eval('#found', (found) => found.textContent)).toBe('1 of 6 scenarios');
    await page.keyboard.press('Escape');
    expect(await shown()).toHaveLength(6);
    await page.select('#show', 'trouble');
    expect(await shown()).toEqual(['slot-refill--made-1']);
    const rows = await page.$$eval('tr[data-of]:not([hidden])', (found) =>
      found.map((row) => row.querySelector('th')?.textContent),
    );
    expect(rows).toEqual(['slot-refill/made-1', 'R1']);
    await shoot('filtered');
    expect(faults).toEqual([]);
  });

  test('keeps what is looked for in its address', async () => {
    await open(SMALL);
    await page.select('#show', 'changed');
    const address = page.url();
    expect(address).toContain('#?show=changed');
    await page.goto('about:blank');
    await page.goto(address);
    expect(await shown()).toEqual(['slot-refill--made-1']);
  });

  test('filters when such an address is pasted into a page that is open, and bears one that is broken', async () => {
    await open(SMALL);
    await page.evaluate(() => {
      location.hash = '#?find=made-4';
    });
    await page.waitForFunction(() => document.querySelector('#found')?.textContent !== '');
    expect(await shown()).toEqual(['slot-refill--made-4']);
    await page.evaluate(() => {
      location.hash = '#made%E0%A4%A';
    });
    await page.goto('about:blank');
    await open(SMALL, '#made%E0%A4%A');
    expect(await shown()).toHaveLength(6);
    expect(faults).toEqual([]);
  });

  test('shows the row of a claim by what the claim came to, also where one scenario alone has it', async () => {
    await open(ALONE);
    await page.select('#show', 'trouble');
    const rows = await page.$$eval('tr[id^="claim--"]:not([hidden])', (found) =>
      found.map(({ id }) => id),
    );
    expect(rows).toEqual(['claim--R1']);
  });

  test.each([
    ['slot-refill--made-5--R2--twin', 'a claim on a subject'],
    ['slot-refill--made-5--timeline', 'the timelines'],
    ['slot-refill--made-1--d1', 'a difference'],
    ['slot-refill--made-5--faults', 'the faults'],
  ])('opens and shows what the address #%s names: %s', async (id) => {
    await open(SMALL, `#${id}`);
    await page.waitForFunction(
      (name) => {
        const box = document.getElementById(name)?.getBoundingClientRect();
        return box !== undefined && box.height > 0 && box.top >= 0 && box.top < innerHeight;
      },
      {},
      id,
    );
    await shoot(`address-${id.split('--').slice(2).join('-')}`);
    expect(faults).toEqual([]);
  });

  test('shows a hidden part that an address names', async () => {
    await open(SMALL, '#?show=trouble');
    expect(await shown()).toHaveLength(1);
    await page.evaluate(() => {
      location.hash = '#slot-refill--made-4';
    });
    await page.waitForSelector('#slot-refill--made-4[open]:not([hidden])');
  });

  test('can be walked with the keyboard alone', async () => {
    await open(SMALL);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('o');
    const second = '#slot-refill--made-2';
    expect(await page.$eval(second, (section) => section.hasAttribute('open'))).toBe(true);
    await page.keyboard.press('k');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('made-1');
    await page.keyboard.press('/');
    await page.keyboard.type('made-6');
    expect(await shown()).toEqual(['slot-refill--made-6']);
  });

  test('walks from bar to bar with the arrow keys and says what each is', async () => {
    await open(SMALL, '#slot-refill--made-2--timeline');
    const scroll = '#slot-refill--made-2 .tl-scroll';
    await page.waitForSelector(scroll);
    await page.focus(scroll);
    for (const key of [...Array<'ArrowDown'>(5).fill('ArrowDown'), 'ArrowRight'] as const)
      await page.keyboard.press(key);
    const said = await page.$eval('#slot-refill--made-2 .tl-said', (line) => line.textContent);
    expect(said).toBe('web.1 on swarm: task t0x0 on n1: n1 running (record 0), 6.0 s to 30.0 s');
    expect(await page.$$('#slot-refill--made-2 .bar.chosen')).toHaveLength(1);
    await page.keyboard.press('+');
    await shoot('timeline');
    expect(faults).toEqual([]);
  });

  test('is dark where the reader wants it so, and can be read there', async () => {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    await open(SMALL, '#slot-refill--made-1');
    await shoot('dark');
    expect(await contrastOf('body')).toBeGreaterThan(7);
    for (const kind of ['.holds', '.fails', '.different', '.same', '.dim', 'main a'])
      expect([kind, (await contrastOf(kind)) >= 4.5]).toEqual([kind, true]);
  });

  test('is light otherwise, with enough contrast', async () => {
    await open(SMALL);
    for (const kind of ['body', '.holds', '.fails', '.different', '.same', '.dim', 'main a'])
      expect([kind, (await contrastOf(kind)) >= 4.5]).toEqual([kind, true]);
  });

  test.each([[SMALL], [BIG]])('fits a phone without moving sideways (%s)', async (path) => {
    await page.setViewport(PHONE);
    await open(path, '#slot-refill--made-1--timeline');
    await page.waitForSelector('.tl-scroll');
    await shoot(`phone-${path === BIG ? 'thousand' : 'small'}`);
    const [wide, room] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(wide).toBe(room);
    await open(path);
    await shoot(`phone-top-${path === BIG ? 'thousand' : 'small'}`);
    expect(faults).toEqual([]);
  });

  test('says every verdict by a sign and a word, never by colour alone', async () => {
    await open(SMALL);
    const chips = await page.$$eval('.chip', (found) => found.map((chip) => chip.textContent));
    expect(chips.filter((text) => !/^[✓✗?~]/.test(text))).toEqual([]);
    const signs = await page.$$eval('.side .holds, .side .fails', (found) =>
      found.map((mark) => mark.textContent),
    );
    expect(signs.filter((text) => !/^(✓ holds|✗ fails)$/.test(text))).toEqual([]);
  });
});

test('tells what a bar means by a pattern, not by colour alone', async () => {
  await open(SMALL, '#slot-refill--made-2--timeline');
  const patterns = await page.$$eval('#slot-refill--made-2 .key .tone', (tones) =>
    tones.slice(0, 6).map((tone) => {
      const { backgroundImage, backgroundSize } = getComputedStyle(tone);
      return `${backgroundImage.replace(/rgba?\([^)]*\)/g, '')} ${backgroundSize}`;
    }),
  );
  expect(new Set(patterns).size).toBe(6);
  await page.waitForSelector('#slot-refill--made-2 .tl-scroll');
  const bars = await page.$$eval('#slot-refill--made-2 pattern', (found) =>
    found.map(({ id }) => id),
  );
  expect(bars).toEqual(['p-calm', 'p-waiting', 'p-leaving', 'p-failed', 'p-ended']);
  await shoot('patterns');
});

describe('timelines of a thousand tasks', () => {
  test('are drawn a window at a time, and every line can be reached', async () => {
    await open(BIG, '#slot-refill--made-1--timeline');
    await page.waitForSelector('.tl-scroll .bar');
    const drawn = await page.$$eval('.bar', (bars) => bars.length);
    expect(drawn).toBeGreaterThan(100);
    expect(drawn).toBeLessThan(3000);
    await shoot('thousand-tasks');
    await page.$eval('.tl-scroll', (scroll) => {
      scroll.scrollTop = scroll.scrollHeight;
    });
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.tl-names div')].some((name) =>
        (name as HTMLElement).title.startsWith('web.100 on twin'),
      ),
    );
    expect(await inSight('.tl-scroll')).toBe(true);
    await shoot('thousand-tasks-end');
    expect(faults).toEqual([]);
  });

  test('weigh little: the page of 1,000 tasks is under 1 MB', () => {
    expect(statSync(BIG).size).toBeLessThan(1_000_000);
  });
});

/** Of a text against what is behind it, by the rule of WCAG. */
function contrastOf(selector: string): Promise<number> {
  return page.$eval(selector, (element) => {
    const parts = (colour: string): readonly number[] =>
      (colour.match(/[\d.]+/g) ?? []).map(Number);
    const light = (colour: string): number => {
      const [r = 0, g = 0, b = 0] = parts(colour).map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    let behind: Element | null = element;
    while (behind !== null && parts(getComputedStyle(behind).backgroundColor)[3] === 0)
      behind = behind.parentElement;
    const back = light(getComputedStyle(behind ?? document.body).backgroundColor);
    const text = light(getComputedStyle(element).color);
    return (Math.max(back, text) + 0.05) / (Math.min(back, text) + 0.05);
  });
}
