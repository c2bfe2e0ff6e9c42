import type { Address } from './address.ts';

/** What an operator says of where Services are that webhooks are called by: `namespace/name:port`, and the address of each. */
export type WebhookServices = ReadonlyMap<string, Address>;

/** What a setting of that name is, for an operator who gave it something else. */
export const WEBHOOK_SERVICES_SYNTAX =
  "a list of Services and where they are, with commas between them, each as 'namespace/name:port=https://host:port', such as 'kyverno/kyverno-svc:443=https://127.0.0.1:9443'";

/** The Services of a setting, none when it is empty; undefined when one is wrong or named twice. */
export function parseWebhookServices(text: string): WebhookServices | undefined {
  const services = new Map<string, Address>();
  for (const entry of text === '' ? [] : text.split(',')) {
    const [, service = '', url = ''] = /^\s*([^=\s]+)=(\S+)\s*$/.exec(entry) ?? [];
    const address = SERVICE.test(service) ? addressIn(url) : undefined;
    if (!address || services.has(service)) return undefined;
    services.set(service, address);
  }
  return services;
}

const SERVICE = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?\/[a-z0-9]([-a-z0-9]*[a-z0-9])?:[1-9][0-9]{0,4}$/;

function addressIn(text: string): Address | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, pathname, search, hash, username, password } = new URL(text);
  // The path is the configuration's own, and the certificate is that of the Service.
  if (protocol !== 'https:' || pathname !== '/' || search || hash || username || password) return undefined;
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || 443) };
}
