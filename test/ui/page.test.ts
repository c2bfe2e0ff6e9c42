import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemEnv } from '../../core/env.ts';
import { memoryLog } from '../../core/log/memory/memory-log.ts';
import { Host } from '../../local/host.ts';
import { secrets } from '../../local/secrets.ts';
import { chromiumPath, launch } from './chromium.ts';

/** What is looked at when something is wrong, and when nothing is: ui/screenshots, which git ignores. */
const SCREENSHOTS = path.resolve(import.meta.dirname, '../../ui/screenshots');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe.skipIf(chromiumPath === undefined)('the page, in a real browser (skipped where there is no Chromium, nor root to install it)', () => {
  let host: Host;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** What the browser has complained of: violations of the Content-Security-Policy, errors of scripts, files that are missing. */
  const complaints: string[] = [];

  const watched = async (options: Parameters<Browser['newContext']>[0] = {}) => {
    const made = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 }, ...options });
    const opened = await made.newPage();
    opened.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    opened.on('pageerror', (error) => complaints.push(error.message));
    return { made, opened };
  };

  const api = async (method: string, target: string, body?: object, type = 'application/json') => {
    const headers = { authorization: `Bearer ${host.token}`, 'content-type': type };
    const response = await host.fetch(new Request(host.url, { method, headers, ...(body && { body: JSON.stringify(body) }) }), { target });
    expect(response.status, await response.clone().text()).toBeLessThan(300);
    return response.json();
  };

  const deployment = (name: string, replicas: number, cpu = '10m') => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu } } }] } },
    },
  });
  const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

  const text = (selector: string) => page.locator(selector).first().innerText();
  const until = (selector: string, pattern: RegExp) => page.locator(selector).filter({ hasText: pattern }).first().waitFor();

  /** WCAG 2.2 AA and best practices, as axe-core checks them. */
  const violations = async (of: Page) => {
    // The page's policy takes no script from outside; the debugger's is none of the page.
    const session = await of.context().newCDPSession(of);
    const run = (expression: string) => session.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    await run(`${AXE};undefined`);
    const { result } = await run('axe.run()');
    return (result.value as AxeResults).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(' | ')}`);
  };

  beforeAll(async () => {
    mkdirSync(SCREENSHOTS, { recursive: true });
    host = await Host.start({
      log: memoryLog(),
      env: systemEnv,
      secrets: secrets(undefined),
      port: 0,
      nodes: 3,
      cluster: 'default',
      problem: (...all) => complaints.push(all.join(' ')),
    });
    browser = await launch();
    ({ made: context, opened: page } = await watched());
  });
  afterAll(async () => {
    await browser?.close();
    await host?.close();
  });

  it('lets nobody in without a link, and in with one, once', async () => {
    await page.goto(`${host.url}/ui/`);
    await page.getByText('Open the link that the host printed').waitFor();
    expect(await violations(page)).toEqual([]);
    const link = host.signInUrl();
    await page.goto(link);
    await until('h2', /Nodes/);
    expect(page.url()).toBe(`${host.url}/ui/#/default/now`);
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/' });
    const { made, opened } = await watched();
    await opened.goto(link);
    await opened.getByText('That link was used already').waitFor();
    await made.close();
    complaints.length = 0;
  });

  it('shows an empty cluster, and a workload as it comes up', async () => {
    await until('.workloads, .panel', /Nothing runs/);
    await api('POST', DEPLOYMENTS, deployment('web', 5));
    await until('.row .ready', /5\/5/);
    await until('.legend', /5 running/);
    expect(await text('.all .row .name')).toMatch(/web/);
    await until('.rows[aria-label=Events] .row', /Started|Scheduled|Created/);
  });

  it('says what is not well, why, and what led to it', async () => {
    await api('POST', DEPLOYMENTS, deployment('huge', 2, '64'));
    await until('.troubles li', /Deployment huge all 2 pods wait for a node: .*Insufficient cpu/);
    await page.locator('.troubles li', { hasText: 'huge' }).getByRole('button', { name: 'Why' }).click();
    await until('.why li', /logplane-admin made deployment.apps\/huge/);
    await until('.why table', /node-1/);
    expect(await violations(page)).toEqual([]);
    await page.screenshot({ path: path.join(SCREENSHOTS, 'cluster.png') });
  });

  it('goes back with the slider, the whole page with it, and comes again to now', async () => {
    const made = page.locator('.mark[aria-label*="made deployments default/web"]');
    await made.waitFor({ state: 'attached' });
    await made.dispatchEvent('click');
    await until('.moment', /as it was at/);
    await until('.row .ready', /0\/5/);
    expect(await page.locator('.troubles li').count()).toBe(0);
    await page.waitForURL(/#\/default@\d+\/now/);
    await page.screenshot({ path: path.join(SCREENSHOTS, 'past.png') });
    expect(await violations(page)).toEqual([]);
    // Another page that is opened at that URL shows the same.
    const other = await context.newPage();
    await other.goto(page.url());
    await other.locator('.row .ready', { hasText: '0/5' }).waitFor();
    await other.close();
    await page.getByRole('button', { name: 'Now' }).click();
    await until('.row .ready', /5\/5/);
    await page.waitForURL(/#\/default\/now/);
  });

  it('plays back what happened, and compares two moments', async () => {
    const slider = page.getByRole('slider');
    await slider.focus();
    await page.keyboard.press('Home');
    await until('.moment', /as it was at/);
    await page.locator('select').selectOption('1000');
    await page.getByRole('button', { name: 'Play' }).click();
    await until('.moment', /live/);
    await page.locator('.mark[aria-label*="made deployments default/web"]').dispatchEvent('click');
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByRole('button', { name: 'Now' }).click();
    await until('.compare .row', /default\/web\S*\s*pods\s*made/);
    await until('.compare .row', /default\/web\s*deployments\s*changed.*status\.\w*[rR]eplicas/);
    expect(await page.locator('.compare .message', { hasText: /apiVersion/ }).count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    await page.screenshot({ path: path.join(SCREENSHOTS, 'compare.png') });
  });

  it('can be used with the keyboard alone', async () => {
    await page.goto(`${host.url}/ui/#/default/now`);
    await until('.row .ready', /5\/5/);
    await page.evaluate('document.activeElement.blur()');
    await page.keyboard.press('/');
    expect(await page.evaluate('document.activeElement.type')).toBe('search');
    await page.keyboard.type('huge');
    await page.locator('.rows[aria-label=Workloads] .row', { hasText: 'web' }).waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await until('.rows[aria-label=Workloads] .row', /web/);
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('[');
    await until('.moment', /as it was at/);
    await page.keyboard.press('l');
    await until('.moment', /live/);
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await until('h1', /From \d+ to/);
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await until('.row .ready', /5\/5/);
    await page.locator('.rows[aria-label=Workloads] .row[tabindex="0"]').focus();
    await page.keyboard.press('ArrowDown');
    await page.locator('.row[aria-rowindex="3"]:focus').waitFor();
    // A table of any length keeps the focus where its end is not made yet, and where one scrolls away from it.
    await page.locator('.rows[aria-label=Events] .row[tabindex="0"]').focus();
    await page.keyboard.press('End');
    const last = (await page.locator('.rows[aria-label=Events]').getAttribute('aria-rowcount'))!;
    await page.locator(`.row[aria-rowindex="${last}"]:focus`).waitFor();
    await page.evaluate('document.querySelector(".rows[aria-label=Events] .scroller").scrollTo(0, 0)');
    await page.locator('.rows[aria-label=Events] .row[aria-rowindex="2"]').waitFor();
    expect(await page.locator(`.row[aria-rowindex="${last}"]:focus`).count()).toBe(1);
  });

  it('leads to each pod and each mark with arrows, behind one tab stop each', async () => {
    const squares = page.locator('.squares[tabindex="0"]');
    expect(await page.locator('.squares').count()).toBeGreaterThan(3);
    expect(await squares.count()).toBe(1);
    await squares.focus();
    expect(await page.locator('.squares:focus [role=option]').innerText()).toMatch(/default\/huge-.*: Unschedulable/);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.locator('.squares:focus[aria-label*="on node-"]').waitFor();
    expect(await squares.count()).toBe(1);
    const pod = /\/(\S+):/.exec(await page.locator('.squares:focus [role=option]').innerText())![1]!;
    expect(await violations(page)).toEqual([]);
    await page.screenshot({ path: path.join(SCREENSHOTS, 'pods-with-keys.png') });
    await page.keyboard.press('Enter');
    await page.locator('h1:focus', { hasText: pod }).waitFor();
    expect(await page.title()).toMatch(new RegExp(`^${pod} · Objects · default`));
    await page.goBack();
    await page.locator('h1:focus', { hasText: 'Cluster default' }).waitFor();
    expect(await page.locator('.mark[tabindex="0"]').count()).toBe(1);
    await page.locator('.mark[tabindex="0"]').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    const mark = await page.locator('.mark:focus').getAttribute('aria-label');
    await until('.marks .tip', /logplane-admin/);
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(`#/default@${/^\d+/.exec(mark!)![0]}/now`));
    await page.keyboard.press('l');
    await until('.moment', /live/);
  });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`is to be read on a telephone, ${colorScheme}`, async () => {
      const { made, opened } = await watched({ viewport: { width: 400, height: 800 }, colorScheme, storageState: await context.storageState() });
      await opened.goto(`${host.url}/ui/`);
      await opened.locator('.row .ready', { hasText: '5/5' }).waitFor();
      expect(await opened.evaluate('document.documentElement.scrollWidth')).toBe(400);
      expect(await violations(opened)).toEqual([]);
      await opened.screenshot({ path: path.join(SCREENSHOTS, `narrow-${colorScheme}.png`) });
      await made.close();
    });

  it('follows a change, complains of nothing, and ends with its session', async () => {
    await api('PATCH', `${DEPLOYMENTS}/web`, { spec: { replicas: 2 } }, 'application/merge-patch+json');
    await until('.row .ready', /2\/2/);
    expect(complaints).toEqual([]);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out').waitFor();
    expect(await context.cookies()).toEqual([]);
  });
});
