import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { certificates } from './certificates.ts';

const DAY = 86_400_000;

describe('certificates', () => {
  it('let a client that trusts only the CA in, by name and by address', async () => {
    const { ca, cert, key } = await certificates({ dir: undefined, now: Date.now() });
    const server = createServer({ cert, key }, (_request, response) => response.end('hello')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    for (const host of ['127.0.0.1', 'localhost']) {
      const status = await new Promise((resolve, reject) =>
        get({ host, port, ca, agent: false, family: 4 }, (response) => resolve(response.resume().statusCode)).on('error', reject),
      );
      expect(status, host).toBe(200);
    }
    server.close();
  });

  it('are kept, for their owner alone, and renewed a month before they end', async () => {
    const dir = path.join(mkdtempSync(path.join(tmpdir(), 'logplane-')), 'pki');
    const now = Date.now();
    const first = await certificates({ dir, now });
    expect(await certificates({ dir, now: now + 300 * DAY })).toEqual(first);
    expect((await certificates({ dir, now: now + 340 * DAY })).cert).not.toBe(first.cert);
    expect(statSync(path.join(dir, 'key.pem')).mode & 0o077).toBe(0);
  });

  it('are made anew, with their authority, when the clock was ahead as they were made', async () => {
    const dir = path.join(mkdtempSync(path.join(tmpdir(), 'logplane-')), 'pki');
    const now = Date.now();
    const ahead = await certificates({ dir, now: now + 400 * DAY });
    const made = await certificates({ dir, now });
    expect(made.ca).not.toBe(ahead.ca);
    for (const pem of [made.ca, made.cert]) expect(Date.parse(new X509Certificate(pem).validFrom)).toBeLessThanOrEqual(now);
    expect(await certificates({ dir, now })).toEqual(made);
    expect((await certificates({ dir, now: now - 2 * DAY })).ca).not.toBe(made.ca);
  });

  it('are made anew when they were not kept whole', async () => {
    const dir = path.join(mkdtempSync(path.join(tmpdir(), 'logplane-')), 'pki');
    const now = Date.now();
    const first = await certificates({ dir, now });
    rmSync(path.join(dir, 'ca.pem'));
    expect((await certificates({ dir, now })).ca).not.toBe(first.ca);
  });
});
