/** `report`: the HTML report in a real browser: what it weighs, when it is first painted, and what a scroll through its timelines costs. */
import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { ensureBrowser } from '../lab/engine/ensure-browser.ts';
import type { Bookkeeper } from './bookkeeper.ts';
import type { OwnMetric } from './readings.ts';

const SIZE: OwnMetric = { name: 'report.full-run.size', unit: 'MB', aim: 5 };
const PAINT: OwnMetric = { name: 'report.full-run.first-paint', unit: 's', aim: 1 };
const BIG_PAINT: OwnMetric = { name: 'report.1k-tasks.first-paint', unit: 's', aim: 1 };
const SCROLL: OwnMetric = { name: 'report.1k-tasks.scroll-step', unit: 's', aim: 0.1 };

export const REPORT_PAGE: readonly OwnMetric[] = [SIZE, PAINT, BIG_PAINT, SCROLL];

/** Where the pages lie that are measured. */
export interface BenchPages {
  readonly fullRun: string;
  /** A scenario of 1,000 tasks on each subject; `anchor` names its timelines. */
  readonly thousandTasks: string;
  readonly anchor: string;
}

export async function measureReportPage(books: Bookkeeper, pages: BenchPages): Promise<void> {
  books.add(SIZE, statSync(pages.fullRun).size / 1e6);
  const executablePath = await ensureBrowser(books.progress);
  const browser = await puppeteer.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    for (let sample = 0; sample < books.samples; sample += 1) {
      books.add(PAINT, await firstPaint(browser, pathToFileURL(pages.fullRun).href));
      const big = `${pathToFileURL(pages.thousandTasks).href}#${pages.anchor}`;
      books.add(BIG_PAINT, await firstPaint(browser, big));
      books.add(SCROLL, await scrollStep(browser, big));
      books.progress(`report ${sample + 1}/${books.samples}`);
    }
  } finally {
    await browser.close();
  }
}

async function withPage<T>(
  browser: Browser,
  address: string,
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const page = await browser.newPage();
  try {
    await page.setViewport({ width: 1280, height: 900 });
    await page.goto(address);
    return await work(page);
  } finally {
    await page.close();
  }
}

/** From the beginning of the load, by the browser's own clock. In the page's words, since this room knows no DOM. */
const firstPaint = (browser: Browser, address: string): Promise<number> =>
  withPage(browser, address, async (page) => {
    const paint =
      "performance.getEntriesByType('paint').find(({ name }) => name === 'first-contentful-paint')?.startTime";
    await page.waitForFunction(`${paint} !== undefined`);
    return ((await page.evaluate(paint)) as number) / 1000;
  });

const STEPS = 30;

/** What one step of a screen through the timelines costs the page's own thread, drawing included, by the processor's clock: whoever shares the machine does not count. */
const scrollStep = (browser: Browser, address: string): Promise<number> =>
  withPage(browser, address, async (page) => {
    await page.waitForSelector('.tl-scroll .bar');
    const session = await page.createCDPSession();
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const spent = async (): Promise<number> => {
      const { metrics } = await session.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
    };
    const before = await spent();
    await page.evaluate(`(async () => {
      const scroll = document.querySelector('.tl-scroll');
      const frame = () => new Promise((resolve) => requestAnimationFrame(() => resolve()));
      for (let step = 0; step < ${STEPS}; step += 1) {
        scroll.scrollTop = (scroll.scrollTop + scroll.clientHeight) % scroll.scrollHeight;
        await frame();
        await frame();
      }
    })()`);
    return ((await spent()) - before) / STEPS;
  });
