import type { Agent } from 'node:http';

interface ProxyOptions {
  /** What the kubeconfig says. */
  readonly proxyUrl: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The agent that goes through the proxy of a kubeconfig (`proxy-url`), or of HTTPS_PROXY and NO_PROXY as Go reads them; undefined: there is none. Throws an Error for a proxy that is not one
 * of HTTP.
 */
export async function proxyOf(server: string, { proxyUrl, env }: ProxyOptions): Promise<Agent | undefined> {
  const proxy = proxyUrl || fromEnvironment(server, env);
  if (!proxy) return undefined;
  if (!/^https?:\/\//.test(proxy)) throw new Error(`the proxy ${proxy} is not one of HTTP (http:// or https://), and no other can be used`);
  const { HttpProxyAgent, HttpsProxyAgent } = await import('hpagent');
  return new (server.startsWith('http:') ? HttpProxyAgent : HttpsProxyAgent)({ proxy, keepAlive: true });
}

/** golang.org/x/net/http/httpproxy: what is on this machine is never asked for through a proxy. */
function fromEnvironment(server: string, env: ProxyOptions['env']): string | undefined {
  const { hostname, protocol, port } = new URL(server);
  if (hostname === 'localhost' || hostname.startsWith('127.') || hostname === '[::1]') return undefined;
  const except = (env['NO_PROXY'] ?? env['no_proxy'] ?? '').split(',').map((entry) => entry.trim());
  if (except.some((entry) => entry !== '' && excludes(entry, { hostname, port }))) return undefined;
  const named = protocol === 'http:' ? (env['HTTP_PROXY'] ?? env['http_proxy']) : (env['HTTPS_PROXY'] ?? env['https_proxy']);
  return named && (/^\w+:\/\//.test(named) ? named : `http://${named}`);
}

function excludes(entry: string, { hostname, port }: { hostname: string; port: string }): boolean {
  if (entry === '*') return true;
  const [name = '', ofPort] = entry.split(':');
  if (ofPort !== undefined && ofPort !== port) return false;
  const suffix = name.replace(/^\*?\./, '');
  return hostname === suffix || hostname.endsWith(`.${suffix}`);
}
