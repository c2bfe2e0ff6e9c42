import type { AdmissionregistrationServiceReference, AdmissionregistrationWebhookClientConfig } from '../schema/generated/kinds.ts';
import type { WebhookAsk } from './ask.ts';

/** Where a webhook is called, and as what, the same for conversion and admission (apiserver's pkg/util/webhook/client.go, client-go's rest/request.go). */
export interface WebhookCall {
  /** As errors show it: a Service has the name by which its certificate knows it. */
  readonly url: string;
  /** What the certificate has to be for: a name or an address. */
  readonly hostname: string;
  readonly port: number;
  /** With the time limit in its query. */
  readonly path: string;
  /** The Service that says where that really is; none: the name does. */
  readonly service: { readonly namespace: string; readonly name: string } | undefined;
  /** The only authorities that are trusted, PEM; undefined: those of the system. */
  readonly ca: string | undefined;
}

/** Throws when the configuration names no place. */
export function webhookCall({ client, timeoutMs }: Pick<WebhookAsk, 'client' | 'timeoutMs'>): WebhookCall {
  const { service, url } = client;
  const ca = bundle(client);
  const query = `?timeout=${timeoutMs / 1000}s`;
  if (service) return { ...serviceCall(service, query), ca };
  if (!url) throw new Error('webhook configuration must have either service or URL');
  const [, host = '', rest = ''] = /^[^:]*:\/\/([^/?#]*)([^?#]*)/.exec(url) ?? [];
  // An IPv6 address stands in brackets.
  const [, address, name = '', port] = /^(?:\[(.*)\]|(.*?))(?::(\d*))?$/.exec(host) ?? [];
  const path = `${joined(rest)}${query}`;
  return { url: `https://${host}${path}`, hostname: address ?? name, port: Number(port || 443), path, service: undefined, ca };
}

/** A call that came to no answer, as Go's net/http tells of it (url.Error). */
export const postFailed = ({ url }: Pick<WebhookCall, 'url'>, why: string): string => `Post ${JSON.stringify(url)}: ${why}`;

function serviceCall({ namespace, name, port = 443, path = '' }: AdmissionregistrationServiceReference, query: string): Omit<WebhookCall, 'ca'> {
  const hostname = `${name}.${namespace}.svc`;
  const full = `${joined(path)}${query}`;
  return { url: `https://${hostname}:${port}${full}`, hostname, port, path: full, service: { namespace, name } };
}

/** Go's path.Join: no slash at the end, none twice. */
function joined(path: string): string {
  const out: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') out.pop();
    else if (segment && segment !== '.') out.push(segment);
  }
  return `/${out.join('/')}`;
}

function bundle({ caBundle }: AdmissionregistrationWebhookClientConfig): string | undefined {
  const pem = caBundle ? Buffer.from(caBundle, 'base64').toString() : '';
  return pem.trim() ? pem : undefined;
}
