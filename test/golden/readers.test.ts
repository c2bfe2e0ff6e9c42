import { existsSync, readFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { type Cluster, readKubeconfig, startCluster } from './cluster.ts';

/** Clients that ask for much and take little: what they cost the host and its other clients. */

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const MB = 1_000_000;

/** Sends a GET on a connection of its own and reads nothing of the answer. Resolves once some of it has come. */
async function unread(cluster: Cluster, target: string): Promise<TLSSocket> {
  const { server, token, ca } = readKubeconfig(cluster.kubeconfig);
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(server).port), ca, servername: 'localhost' });
  socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  await new Promise<void>((resolve, reject) => socket.once('readable', resolve).once('error', reject));
  return socket;
}

/** Reads on until `text` has come. */
async function readUntil(socket: TLSSocket, text: string): Promise<void> {
  let tail = '';
  for await (const chunk of socket.setEncoding('latin1')) {
    if ((tail + chunk).includes(text)) return;
    tail = chunk.slice(-text.length);
  }
  throw new Error(`the answer ended before ${text}`);
}

/** The most memory that the process has ever had, in MiB. */
const peakOf = ({ host }: Cluster): number => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${host.process.pid}/status`, 'utf8'))![1]) / 1024;

describe('clients that do not read', () => {
  it.skipIf(!existsSync('/proc/self/status'))('cost no more than a piece each, however large what they resume over', async () => {
    await using cluster = await startCluster();
    const created = await cluster.fetch(CONFIGMAPS, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ metadata: { name: 'large' }, data: { x: 'x'.repeat(MB) } }),
    });
    const { resourceVersion } = (created.json() as { metadata: { resourceVersion: string } }).metadata;
    for (let i = 1; i <= 20; i++) {
      await cluster.fetch(`${CONFIGMAPS}/large`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/merge-patch+json' },
        body: JSON.stringify({ metadata: { labels: { version: `v${i}` } } }),
      });
    }
    const before = peakOf(cluster);
    const watch = `${CONFIGMAPS}?watch=1&resourceVersion=${resourceVersion}`;
    const sockets = await Promise.all(Array.from({ length: 10 }, () => unread(cluster, watch)));
    expect((await cluster.fetch('/readyz')).text).toBe('ok');
    // 20 events of 1 MB for ten clients are 200 MB.
    expect(peakOf(cluster) - before).toBeLessThan(100);
    // A client that reads after all is told everything.
    await readUntil(sockets[0]!, '"version":"v20"');
    expect(peakOf(cluster) - before).toBeLessThan(100);
    for (const socket of sockets) socket.destroy();
  });
});
