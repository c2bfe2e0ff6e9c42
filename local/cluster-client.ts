import { readFileSync } from 'node:fs';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import type { Status } from '../core/kube/status.ts';

/** What a cluster has refused: the message of its Status. */
export class Refused extends Error {
  readonly status: Status;

  constructor(status: Status) {
    super(status.message);
    this.status = status;
  }
}

/** Sends requests to the cluster of a kubeconfig that this host has written. Throws `Refused`. */
export function clusterClient(file: string): (method: string, target: string, body?: unknown) => Promise<unknown> {
  const { clusters, users } = parse(readFileSync(file, 'utf8'));
  const { server, 'certificate-authority-data': authority } = clusters[0].cluster;
  const headers = { authorization: `Bearer ${users[0].user.token}`, 'content-type': 'application/json' };
  const ca = Buffer.from(authority, 'base64');
  return async (method, target, body) => {
    const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      const sent = https.request(new URL(`${server}${target}`), { method, headers, ca }, resolve);
      sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
    const answer = JSON.parse(await text(response));
    if (response.statusCode! >= 300) throw new Refused(answer);
    return answer;
  };
}
