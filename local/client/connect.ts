import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { using } from '../using-file.ts';
import { ApiClient, type ApiRequest, type Transport, Unreachable } from './api-client.ts';
import { type Credential, execCredential } from './exec-credential.ts';
import { contextOf, type KubeContext, type KubeconfigChoice, type KubeconfigPlaces } from './kubeconfig-files.ts';
import { proxyOf } from './proxy.ts';

/** Which cluster, and as what it is asked. */
export interface ClusterChoice extends KubeconfigChoice {
  /** A cluster of the host that the context leads to, `NAME` or `NAME@AT`; that of the context, unless told. */
  readonly cluster?: string | undefined;
  /** That of the context, unless told. */
  readonly namespace?: string | undefined;
}

/**
 * The client of the cluster that is chosen: by token, client certificate, password or credential plugin, through a proxy where one is named. Throws `NoCluster` where there is no such
 * context, and an Error where what it names cannot be read.
 */
export async function connect(choice: ClusterChoice, places: KubeconfigPlaces): Promise<ApiClient> {
  const context = contextOf(choice, places);
  const server = serverOf(context);
  const [, before, below = ''] = /^(.*?)(\/clusters\/[^/]+)?$/.exec(server.pathname.replace(/\/+$/, ''))!;
  const host = `${server.origin}${before}`;
  const client = new ApiClient({
    host,
    path: below,
    namespace: choice.namespace ?? context.namespace,
    transport: await transportTo(host, context, places.env),
    source: `the context ${context.name} of ${context.source}`,
  });
  return choice.cluster === undefined ? client : client.of(choice.cluster);
}

function serverOf({ cluster, name, source }: KubeContext): URL {
  const given = /^https?:\/\//.test(cluster.server) ? cluster.server : `https://${cluster.server}`;
  const url = URL.parse(given);
  if (!url) throw new Error(`${source}: the server of the context ${name} is no URL: ${cluster.server}`);
  return url;
}

async function transportTo(host: string, context: KubeContext, env: KubeconfigPlaces['env']): Promise<Transport> {
  const { cluster, user, clusterDir, userDir } = context;
  const ca = pem(cluster['certificate-authority-data'], cluster['certificate-authority'], clusterDir);
  const credential = await credentialOf(context, { ca, env });
  const insecure = cluster['insecure-skip-tls-verify'] === true;
  const tls = {
    ...(ca !== undefined && { ca }),
    ...(credential.cert !== undefined && { cert: credential.cert }),
    ...(credential.key !== undefined && { key: credential.key }),
    ...(insecure && { rejectUnauthorized: false }),
    ...(cluster['tls-server-name'] && { servername: cluster['tls-server-name'] }),
  };
  const isPlain = host.startsWith('http:');
  const proxy = await proxyOf(host, { proxyUrl: cluster['proxy-url'], env });
  const agent = proxy ?? new (isPlain ? http : https).Agent({ keepAlive: true });
  const bearer =
    credential.token ?? user.token ?? (user.tokenFile && using(user.tokenFile, () => readFileSync(path.resolve(userDir, user.tokenFile!), 'utf8').trim()));
  const basic = user.username ? `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}` : undefined;
  const authorization = bearer ? `Bearer ${bearer}` : basic;
  const given = { 'user-agent': 'logplane', ...(authorization && { authorization }), ...impersonation(context) };
  const { request } = isPlain ? http : https;
  return async ({ method, target, headers, body }: ApiRequest) => {
    try {
      const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
        const sent = request(`${host}${target}`, { method, headers: { ...given, ...headers }, agent, ...tls }, resolve);
        sent.on('error', reject);
        sent.end(body);
      });
      return { status: response.statusCode!, text: await text(response) };
    } catch (error) {
      throw new Unreachable(unreachable(host, error as NodeJS.ErrnoException, context), { cause: error });
    }
  };
}

async function credentialOf(context: KubeContext, { ca, env }: { ca: string | undefined; env: KubeconfigPlaces['env'] }): Promise<Credential> {
  const { user, userDir, source } = context;
  if (user.exec) return execCredential(user.exec, { context, ca, env });
  // client-go took it out with Kubernetes 1.26, in favour of credential plugins.
  if (user['auth-provider'])
    throw new Error(`${source}: auth-provider ${user['auth-provider'].name} is no longer a way to sign in: use a credential plugin (exec)`);
  return {
    cert: pem(user['client-certificate-data'], user['client-certificate'], userDir),
    key: pem(user['client-key-data'], user['client-key'], userDir),
  };
}

/** What is in the kubeconfig wins, as in client-go. */
function pem(encoded: string | undefined, file: string | undefined, dir: string): string | undefined {
  if (encoded) return Buffer.from(encoded, 'base64').toString('utf8');
  return file ? using(file, () => readFileSync(path.resolve(dir, file), 'utf8')) : undefined;
}

/** Kubernetes documentation, "Authentication", "User impersonation". A header of several values is sent as one, with commas, by no client: it is a list for Node. */
function impersonation({ user }: KubeContext): Record<string, string | string[]> {
  const extra = Object.entries(user['as-user-extra'] ?? {}).map(([key, values]): [string, string[]] => [
    `impersonate-extra-${encodeURIComponent(key)}`,
    [...values],
  ]);
  return {
    ...(user.as && { 'impersonate-user': user.as }),
    ...(user['as-uid'] && { 'impersonate-uid': user['as-uid'] }),
    ...(user['as-groups'] && { 'impersonate-group': [...user['as-groups']] }),
    ...Object.fromEntries(extra),
  };
}

function unreachable(host: string, { code, message }: NodeJS.ErrnoException, { name, source }: KubeContext): string {
  const from = `(context ${name} of ${source})`;
  const isHere = /^https?:\/\/(127\.|localhost|\[::1\])/.test(host);
  if (code === 'ECONNREFUSED') {
    const next = isHere ? 'start it with logplane up' : 'is it running?';
    return `${host} does not answer ${from}: nothing listens there. ${isHere ? `${next[0]!.toUpperCase()}${next.slice(1)}` : 'Is it running'}, or name another cluster with --kubeconfig or --context`;
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `${host} cannot be found ${from}: its name leads nowhere. Is there a network?`;
  if (code === 'ETIMEDOUT' || code === 'ENETUNREACH' || code === 'EHOSTUNREACH')
    return `${host} does not answer ${from}: ${message}. Is there a network, or a proxy to be named (HTTPS_PROXY)?`;
  if (code !== undefined && /CERT|SIGNATURE/.test(code))
    return `${host} shows a certificate that ${source} does not vouch for (${message}): it is another server, or it has begun anew: take its kubeconfig again`;
  return `${host} does not answer ${from}: ${message}`;
}
