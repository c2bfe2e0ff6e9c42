import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemEnv } from '../../core/env.ts';
import { sqliteLog } from '../../core/log/sqlite/sqlite-log.ts';
import { Host } from '../../local/host.ts';
import { type Secrets, secrets } from '../../local/secrets.ts';
import { chromiumPath, launch } from './chromium.ts';

describe.skipIf(chromiumPath === undefined)('the page of a host that goes away (skipped where there is no Chromium, nor root to install it)', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'logplane-outage-')), 'log.sqlite');
  const known = secrets(undefined);
  let host: Host;
  let browser: Browser;
  let page: Page;
  const failures: string[] = [];

  const start = (port: number, having: Secrets) =>
    Host.start({
      log: sqliteLog({ file }),
      env: systemEnv,
      secrets: having,
      port,
      nodes: 2,
      cluster: 'default',
      problem: (...all) => failures.push(all.join(' ')),
    });
  const restart = async (having: Secrets) => {
    const port = Number(new URL(host.url).port);
    await host.close();
    await page.getByRole('alert').filter({ hasText: 'The host does not answer' }).waitFor();
    // What was there is still shown.
    expect(await page.getByRole('heading', { name: /Nodes/ }).count()).toBe(1);
    host = await start(port, having);
  };
  const create = async (name: string) => {
    const body = JSON.stringify({ metadata: { name }, spec: { containers: [{ name: 'c', image: 'nginx' }] } });
    const headers = { authorization: `Bearer ${host.token}`, 'content-type': 'application/json' };
    const { status } = await host.fetch(new Request(host.url, { method: 'POST', headers, body }), { target: '/api/v1/namespaces/default/pods' });
    expect(status).toBe(201);
  };

  beforeAll(async () => {
    host = await start(0, known);
    browser = await launch();
    page = await browser.newPage({ ignoreHTTPSErrors: true });
    page.on('pageerror', (error) => failures.push(error.message));
    await page.goto(`${host.url}/ui/`);
    await page.getByText('Sign in with a token').click();
    await page.getByLabel('Token').fill(host.token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: /Nodes 2/ }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await host?.close();
  });

  it('says so, keeps what was there, and goes on once it is there again', async () => {
    await create('before');
    await page.locator('.legend', { hasText: '1 running' }).waitFor();
    await page.locator('.mark[aria-label*="made pods default/before"]').waitFor({ state: 'attached' });
    await restart(known);
    await page.locator('.failure').waitFor({ state: 'detached' });
    await create('after');
    await page.locator('.legend', { hasText: '2 running' }).waitFor();
    await page.locator('.mark[aria-label*="made pods default/after"]').waitFor({ state: 'attached' });
    expect(failures).toEqual([]);
  });

  it('asks to sign in again where the token is good no more', async () => {
    await restart(secrets(undefined));
    await page.getByText('The session is over. Sign in again.').waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    await page.getByText('Sign in with a token').click();
    await page.getByLabel('Token').fill(host.token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.legend', { hasText: '2 running' }).waitFor();
    expect(failures).toEqual([]);
  });
});
