import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import type { Status } from '../core/kube/status.ts';

/** Sends a request to the cluster of a kubeconfig. Resolves to what it answers; throws `Refused` with what it refuses, and `Unreachable` where it does not answer. */
export type Send = (method: string, target: string, body?: unknown) => Promise<unknown>;

/** What a cluster has refused: the message of its Status. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: Status;

  constructor(status: Status) {
    super(status.message);
    this.status = status;
  }
}

/** A cluster that does not answer, or not as one. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** The client of a kubeconfig's current context: by a token, or by a client certificate. Throws an Error when there is none in it. */
export function apiClient(file: string): Send {
  const { cluster, user } = currentContext(file);
  const { server, 'certificate-authority-data': authority, 'certificate-authority': authorityFile, 'insecure-skip-tls-verify': insecure } = cluster;
  const {
    token,
    tokenFile,
    'client-certificate-data': certificate,
    'client-certificate': certificateFile,
    'client-key-data': key,
    'client-key': keyFile,
  } = user;
  const read = (encoded: string | undefined, named: string | undefined) =>
    encoded ? Buffer.from(encoded, 'base64') : named ? readFileSync(path.resolve(path.dirname(file), named)) : undefined;
  const bearer = token ?? (tokenFile && readFileSync(path.resolve(path.dirname(file), tokenFile), 'utf8').trim());
  const [ca, cert, privateKey] = [read(authority, authorityFile), read(certificate, certificateFile), read(key, keyFile)];
  const options = { ...(ca && { ca }), ...(cert && { cert }), ...(privateKey && { key: privateKey }), ...(insecure && { rejectUnauthorized: false }) };
  const headers = { ...(bearer && { authorization: `Bearer ${bearer}` }), 'content-type': 'application/json', accept: 'application/json' };
  const { request } = server.startsWith('http:') ? http : https;
  return async (method, target, body) => {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const sent = request(`${server.replace(/\/$/, '')}${target}`, { method, headers, ...options }, resolve);
      sent.on('error', (error) => reject(new Unreachable(`${server} does not answer: ${error.message}`)));
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
    const answer = answerIn(await text(response), server);
    if (response.statusCode! >= 300) throw new Refused(answer as Status);
    return answer;
  };
}

/** The URL of the server of a kubeconfig's current context. */
export const serverOf = (file: string): string => currentContext(file).cluster.server.replace(/\/$/, '');

/** The namespace of a kubeconfig's current context, where that names one. */
export const namespaceOf = (file: string): string | undefined => currentContext(file).namespace;

function answerIn(body: string, server: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Unreachable(`${server} does not answer as the API of a cluster does`);
  }
}

interface Context {
  readonly cluster: Readonly<Record<string, string>> & { readonly server: string };
  readonly user: Readonly<Record<string, string>>;
  readonly namespace: string | undefined;
}

function currentContext(file: string): Context {
  const { contexts = [], clusters = [], users = [], 'current-context': current } = parse(readFileSync(file, 'utf8')) ?? {};
  const named = <T>(list: readonly ({ name: string } & T)[], name: unknown) => list.find((each) => each.name === name);
  const context = named<{ context: { cluster: string; user: string; namespace?: string } }>(contexts, current)?.context;
  const cluster = named<{ cluster: Context['cluster'] }>(clusters, context?.cluster)?.cluster;
  if (!cluster?.server) throw new Error(`${file}: there is no current context with a cluster in it`);
  return { cluster, user: named<{ user: Context['user'] }>(users, context?.user)?.user ?? {}, namespace: context?.namespace };
}
