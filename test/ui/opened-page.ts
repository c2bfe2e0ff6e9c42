import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { systemEnv } from '../../core/env.ts';
import { memoryLog } from '../../core/log/memory/memory-log.ts';
import { Host } from '../../local/host.ts';
import { secrets } from '../../local/secrets.ts';
import { launch } from './chromium.ts';

/** What is looked at when something is wrong, and when nothing is: ui/screenshots, which git ignores. */
const SCREENSHOTS = path.resolve(import.meta.dirname, '../../ui/screenshots');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A host with a cluster of three nodes, and its page in a real browser, signed in. */
export class OpenedPage {
  /** What the browser has complained of: violations of the Content-Security-Policy, errors of scripts, files that are missing; and the host. */
  readonly complaints: string[] = [];
  readonly host: Host;
  readonly page: Page;
  readonly context: BrowserContext;
  readonly #browser: Browser;

  private constructor(host: Host, browser: Browser, context: BrowserContext, page: Page) {
    this.host = host;
    this.page = page;
    this.context = context;
    this.#browser = browser;
  }

  static async open({ nodes = 3, isPlain = false } = {}): Promise<OpenedPage> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    const problems: string[] = [];
    const host = await Host.start({
      log: memoryLog(),
      env: systemEnv,
      secrets: secrets(undefined),
      port: 0,
      nodes,
      ...(!isPlain && { instanceType: 'm5.large' }),
      cluster: 'default',
      problem: (...all) => problems.push(all.join(' ')),
    });
    const browser = await launch();
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 } });
    const opened = new OpenedPage(host, browser, context, await context.newPage());
    opened.complaints.push(...problems);
    opened.#listen(opened.page);
    await opened.page.goto(host.signInUrl());
    await opened.page.locator('.moment').waitFor();
    return opened;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.host.close();
  }

  #listen(page: Page): void {
    // What the API refuses is told by the page: that the browser notes it as well is no complaint.
    page.on(
      'console',
      (message) =>
        message.type() === 'error' &&
        !/status of 4\d\d|status of 501/.test(message.text()) &&
        this.complaints.push(`${message.text()} (${page.url()} ${message.location().url}:${message.location().lineNumber})`),
    );
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  /** Another page of the same session. */
  async another(options: Parameters<Browser['newContext']>[0]): Promise<Page> {
    const made = await this.#browser.newContext({ ignoreHTTPSErrors: true, ...options, storageState: await this.context.storageState() });
    const page = await made.newPage();
    this.#listen(page);
    return page;
  }

  /** The page of somebody who is not signed in. */
  async stranger(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const made = await this.#browser.newContext({ ignoreHTTPSErrors: true, ...options });
    const page = await made.newPage();
    this.#listen(page);
    await this.goTo('', page);
    await page.locator('main.door').waitFor();
    return page;
  }

  /** A request of the administrator's, which has to succeed. */
  async api<T = unknown>(method: string, target: string, body?: object, type = 'application/json'): Promise<T> {
    const { host } = this;
    const headers = { authorization: `Bearer ${host.token}`, 'content-type': type };
    const response = await host.fetch(new Request(host.url, { method, headers, ...(body && { body: JSON.stringify(body) }) }), { target });
    if (!response.ok) throw new Error(`${method} ${target}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  goTo(hash: string, page = this.page): Promise<unknown> {
    return page.goto(`${this.host.url}/ui/${hash}`);
  }

  until(selector: string, pattern: RegExp, page = this.page): Promise<void> {
    return page.locator(selector).filter({ hasText: pattern }).first().waitFor();
  }

  screenshot(name: string, page = this.page): Promise<unknown> {
    return page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), caret: 'initial' });
  }

  /** WCAG 2.2 AA and best practices, as axe-core checks them. */
  async violations(page = this.page): Promise<string[]> {
    // The page's policy takes no script from outside; the debugger's is none of the page.
    const session = await page.context().newCDPSession(page);
    const run = (expression: string) => session.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    await run(`${AXE};undefined`);
    const { result } = await run('axe.run({ preload: false })');
    return (result.value as AxeResults).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(' | ')}`);
  }
}
