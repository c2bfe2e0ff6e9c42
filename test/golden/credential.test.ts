import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { certificateAuthorityOf } from '../../core/auth/certificate-authority.ts';
import { ClientAssertions } from '../../core/auth/client-assertions.ts';
import { ClientCertificates } from '../../core/auth/client-certificates.ts';
import { realInstant } from '../../core/instant.ts';
import { encodeName } from '../../core/x509/distinguished-name.ts';
import { issue } from '../../core/x509/issue.ts';
import { pemOf } from '../../core/x509/pem.ts';
import { binaries } from '../support/binaries.ts';
import { webhookServer } from '../support/webhook-server.ts';

const CLI = path.resolve(import.meta.dirname, '../../local/cli.ts');
const HOUR = 3_600_000;
const dir = mkdtempSync(path.join(tmpdir(), 'logplane-credential-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const authority = certificateAuthorityOf(new Uint8Array(32).fill(7), 'main');

/** The certificate of alice and its key, as files. */
function certified(): { certificate: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = issue(
    {
      serialNumber: Buffer.of(1),
      issuer: authority.name,
      subject: encodeName({ commonName: 'alice', organization: ['developers'] }),
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
      notBefore: Date.now() - HOUR,
      notAfter: Date.now() + HOUR,
      keyUsage: 1,
      extendedKeyUsages: ['1.3.6.1.5.5.7.3.2'],
      isAuthority: false,
      authorityKey: authority.keyInfo,
    },
    authority.sign,
  );
  const files = { certificate: path.join(dir, 'alice.crt'), key: path.join(dir, 'alice.key') };
  writeFileSync(files.certificate, pemOf('CERTIFICATE', der));
  writeFileSync(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return files;
}

/** A kubeconfig as docs/security.md has it made. */
function kubeconfig(server: string, authorityData: string, { certificate, key }: { certificate: string; key: string }): string {
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    interactiveMode: 'Never',
    provideClusterInfo: true,
    command: process.execPath,
    args: [CLI, 'credential', `--certificate=${certificate}`, `--key=${key}`],
  };
  const file = path.join(dir, 'kubeconfig');
  const named = { 'current-context': 'c', contexts: [{ name: 'c', context: { cluster: 'c', user: 'alice' } }] };
  const clusters = [{ name: 'c', cluster: { server, 'certificate-authority-data': authorityData } }];
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...named, clusters, users: [{ name: 'alice', user: { exec } }] }));
  return file;
}

describe.skipIf(!binaries(35))('logplane credential', () => {
  it('is run by a real kubectl, which sends what it prints, and by that the API knows who has the certificate', async () => {
    const server = await webhookServer({ respond: () => ({ kind: 'Status', apiVersion: 'v1', status: 'Success' }) });
    const url = `https://localhost:${server.port}/live/clusters/main`;
    const file = kubeconfig(url, server.caBundle, certified());
    writeFileSync(path.join(dir, 'body.json'), '{}');
    const args = ['create', '--raw', '/api/v1/namespaces', '-f', path.join(dir, 'body.json')];
    const { code, text } = await new Promise<{ code: number | null; text: string }>((resolve) => {
      const child = spawn(binaries(35)!.kubectl, args, { env: { PATH: process.env.PATH, KUBECONFIG: file, HOME: dir } });
      let text = '';
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (piece) => (text += piece));
      child.on('close', (code) => resolve({ code, text }));
    });
    await server.close();
    expect({ code, text }).toMatchObject({ code: 0 });
    const { path: asked, headers } = server.requests.at(-1)!;
    expect(asked).toBe('/live/clusters/main/api/v1/namespaces');
    const assertions = new ClientAssertions(new ClientCertificates(() => [authority]));
    const token = headers.authorization!.replace('Bearer ', '');
    const known = (of: string) => assertions.authenticate(token, { cluster: 'main', now: realInstant(Date.now()), url: of });
    expect(await known(url)).toMatchObject({ user: { username: 'alice', groups: ['developers'] } });
    expect(await known('https://localhost/live/clusters/main')).toBeUndefined();
  });
});
