import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { chromiumPath, launch } from '../../test/ui/chromium.ts';
import { HostProcess } from '../host-process.ts';
import { median, rollOut } from '../workloads.ts';

const PODS = 10_000;
const NODES = 100;
const ROUNDS = 5;
/** A new window of Chromium loads pages of its own, which has nothing to do with the one that is measured. */
const SETTLES_MS = 1_500;
/** How many places of the slider are visited. */
const STEPS = 40;

/**
 * The page of a cluster of 10,000 pods, in a real Chromium: until the overview with all of them is painted, for a browser that has nothing of it yet (from following the link that signs in) and after a
 * reload; a step of the slider among what is at hand, and the first read of an offset far behind that, from the slider's event until it is painted. Medians of 5, in ms; of steps also the worst.
 */
export async function page(): Promise<Record<string, number>> {
  if (chromiumPath === undefined) {
    console.log('page: skipped, as there is no Chromium here ($CHROMIUM names one)');
    return {};
  }
  const data = mkdtempSync(path.join(tmpdir(), 'logplane-bench-'));
  const host = await HostProcess.start({ data, nodes: NODES });
  const browser = await launch();
  try {
    await rollOut(host, 'web', PODS);
    const [first, again]: [number[], number[]] = [[], []];
    for (let i = 0; i < ROUNDS; i++) {
      const opened = await openPage(host, browser);
      first.push(opened.tookMs);
      again.push(await painted(opened.page, () => opened.page.reload({ waitUntil: 'commit' })));
      await opened.page.context().close();
    }
    const steps = await stepsAtHand(host, browser);
    const past: number[] = [];
    for (let i = 0; i < ROUNDS; i++) past.push(await farBehind(host, browser, (i + 1) / (ROUNDS + 1)));
    return {
      page_first_ms: median(first),
      page_reload_ms: median(again),
      page_step_ms: median(steps),
      page_step_worst_ms: Math.max(...steps),
      page_past_ms: median(past),
    };
  } finally {
    await browser.close();
    // What was still read around the last moment comes to its end.
    await sleep(2 * SETTLES_MS);
    await host.stop();
  }
}

/** Opened by the link that signs in, in a browser that has nothing of the page: no cookie, no connection, no file. */
async function openPage(host: HostProcess, browser: Browser): Promise<{ readonly page: Page; readonly tookMs: number }> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.addInitScript(NOTE_PAINTED);
  await sleep(SETTLES_MS);
  const { code } = await host.call<{ code: string }>('POST', '/ui/code');
  const tookMs = await painted(page, () => page.goto(`${host.server}/ui/?code=${code}`, { waitUntil: 'commit' }));
  return { page, tookMs };
}

/** How long it takes from something until a frame in which all pods are told of has been drawn. */
async function painted(page: Page, act: () => Promise<unknown>): Promise<number> {
  const started = Date.now();
  await act();
  return ((await page.evaluate('window.painted')) as number) - started;
}

/** Runs before the page's own scripts. A frame that finds the figure there comes after the one that has drawn it. */
const NOTE_PAINTED = `window.painted = new Promise((resolve) => {
  const look = () => {
    if (document.querySelector('.figures dd b')?.textContent === '${PODS.toLocaleString('en')}') resolve(performance.timeOrigin + performance.now());
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})`;

/** From the newest change that is at hand to the oldest one, and back at once. */
async function stepsAtHand(host: HostProcess, browser: Browser): Promise<number[]> {
  const { page } = await openPage(host, browser);
  const { min, max } = await atHand(page);
  const places = Array.from({ length: STEPS }, (_, i) => Math.round(max - 1 - ((max - 1 - min) * i) / (STEPS - 1)));
  const took: number[] = [];
  for (const place of [...places, max - 1]) took.push(await move(page, place));
  await page.context().close();
  return took;
}

/** To an offset that neither this browser nor another one has asked for. */
async function farBehind(host: HostProcess, browser: Browser, part: number): Promise<number> {
  const { page } = await openPage(host, browser);
  const { min } = await atHand(page);
  await page.getByRole('button', { name: 'All' }).click();
  const took = await move(page, Math.round(min * part));
  await page.context().close();
  return took;
}

/** Which offsets are at hand, once what led to the first picture has been read behind it, and drawn. */
async function atHand(page: Page): Promise<{ readonly min: number; readonly max: number }> {
  const found = await page.getByRole('slider').evaluate(async (input: Slider) => {
    while (Number(input.max) - Number(input.min) < 10_000) await new Promise((resolve) => setTimeout(resolve, 50));
    return { min: Number(input.min), max: Number(input.max) };
  });
  await sleep(SETTLES_MS);
  return found;
}

interface Slider {
  readonly min: string;
  readonly max: string;
}

/** Moves the slider as a drag does. Resolves to how long it took until the page has drawn the cluster as it was there. */
async function move(page: Page, offset: number): Promise<number> {
  return page.evaluate(
    `new Promise((resolve) => {
      const slider = document.querySelector('input[type=range]');
      const moment = document.querySelector('.moment');
      const started = performance.now();
      slider.value = ${offset};
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      const look = () =>
        requestAnimationFrame(() => {
          // What is shown is drawn in the frame after the one in which it is said.
          if (moment.textContent.trim() === 'as it was at ${offset}') requestAnimationFrame(() => resolve(performance.now() - started));
          else look();
        });
      look();
    })`,
  );
}
