import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { certificateAuthorityOf } from '../core/auth/certificate-authority.ts';
import { certificates } from './certificates.ts';

const DAY = 86_400_000;

const authority = certificateAuthorityOf(new Uint8Array(32).fill(7), 'default');

describe('certificates', () => {
  it('let a client that trusts only the CA in, by name and by address', async () => {
    const { ca, cert, key } = certificates({ dir: undefined, now: Date.now(), authority });
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
    const first = certificates({ dir, now, authority });
    expect(certificates({ dir, now: now + 300 * DAY, authority })).toEqual(first);
    expect(certificates({ dir, now: now + 340 * DAY, authority }).cert).not.toBe(first.cert);
    expect(statSync(path.join(dir, 'key.pem')).mode & 0o077).toBe(0);
  });

  it('are made anew, by the same authority, when the clock was ahead as they were made', () => {
    const dir = path.join(mkdtempSync(path.join(tmpdir(), 'logplane-')), 'pki');
    const now = Date.now();
    const ahead = certificates({ dir, now: now + 400 * DAY, authority });
    const made = certificates({ dir, now, authority });
    expect(made.cert).not.toBe(ahead.cert);
    for (const pem of [made.ca, made.cert]) expect(Date.parse(new X509Certificate(pem).validFrom)).toBeLessThanOrEqual(now);
    // Clients that trust the one trust the other.
    expect(new X509Certificate(made.cert).verify(new X509Certificate(ahead.ca).publicKey)).toBe(true);
    expect(certificates({ dir, now, authority })).toEqual(made);
    expect(certificates({ dir, now: now - 2 * DAY, authority }).cert).not.toBe(made.cert);
  });

  it('are made anew when the secret of the host is another one', () => {
    const dir = path.join(mkdtempSync(path.join(tmpdir(), 'logplane-')), 'pki');
    const now = Date.now();
    const first = certificates({ dir, now, authority });
    const other = certificateAuthorityOf(new Uint8Array(32).fill(8), 'default');
    const second = certificates({ dir, now, authority: other });
    expect(new X509Certificate(second.cert).verify(new X509Certificate(second.ca).publicKey)).toBe(true);
    expect(new X509Certificate(second.cert).verify(new X509Certificate(first.ca).publicKey)).toBe(false);
  });

  it('are made anew when they were not kept whole', async () => {
    const dir = path.join(mkdtempSync(path.join(tmpdir(), 'logplane-')), 'pki');
    const now = Date.now();
    const first = certificates({ dir, now, authority });
    rmSync(path.join(dir, 'ca.pem'));
    expect(certificates({ dir, now, authority }).cert).not.toBe(first.cert);
  });
});
