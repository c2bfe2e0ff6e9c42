import { quoted } from '../../kube/validation/field.ts';
import { Failure } from '../value.ts';
import { parseAddress } from './netip.ts';
import { isEncoded, type Part, percentDecoded, percentEncoded } from './percent-encoding.ts';

/** A URL as Go's net/url holds it. All of it is text of bytes: a character each, as UTF-8 has them (`textOf`). */
export interface NetUrl {
  readonly scheme: string;
  /** What follows the scheme when that is no path: `mailto:OPAQUE`. */
  readonly opaque: string;
  readonly user?: { readonly name: string; readonly password?: string };
  /** With the port. */
  readonly host: string;
  readonly path: Encoded;
  readonly query: string;
  readonly fragment: Encoded;
  /** It ends with a `?` that nothing follows. */
  readonly emptyQuery: boolean;
  /** `file:///path` */
  readonly emptyHost: boolean;
}

/** What a part means, and how it was spelt where that is not how Go would spell it. */
interface Encoded {
  readonly decoded: string;
  readonly raw: string;
}

/** An absolute URL or path, which a `#` is a part of (`url.ParseRequestURI`); a Failure has Go's words. */
export function parseRequestUri(text: string): NetUrl | Failure {
  const url = parse(bytesOf(text), true);
  return url instanceof Failure ? parseError(text, url) : url;
}

/** A URL of any form (`url.Parse`). */
export function parseUrl(text: string): NetUrl | Failure {
  const [front, fragment] = cut(text, '#');
  const url = parse(bytesOf(front), false);
  if (url instanceof Failure) return parseError(front, url);
  const encoded = encodedOf(bytesOf(fragment), 'fragment');
  return encoded instanceof Failure ? parseError(text, encoded) : { ...url, fragment: encoded };
}

/** How a part is spelt: as it came, if that is a way to spell it. */
export function escaped({ decoded, raw }: Encoded, part: 'path' | 'fragment'): string {
  if (raw && isEncoded(raw, part) && percentDecoded(raw, part) === decoded) return raw;
  return part === 'path' && decoded === '*' ? '*' : percentEncoded(decoded, part);
}

/** `host` and `port` of `host:port`; brackets of an IPv6 address fall away (`URL.Hostname`, `URL.Port`). */
export function splitHostPort(hostPort: string): { host: string; port: string } {
  const [, whole = '', port = ''] = /^(.*?)(?::([0-9]*))?$/s.exec(hostPort)!;
  return { host: whole.startsWith('[') && whole.endsWith(']') ? whole.slice(1, -1) : whole, port };
}

/** `URL.String` */
export function urlText(url: NetUrl): string {
  const query = url.emptyQuery || url.query ? `?${url.query}` : '';
  const fragment = url.fragment.decoded ? `#${escaped(url.fragment, 'fragment')}` : '';
  return (url.scheme && `${url.scheme}:`) + (url.opaque || hierarchy(url)) + query + fragment;
}

/** Most of Go's keys and values of one query: beyond that it reads none at all. */
const MOST_PARAMETERS = 10_000;

/** The values of each key, in the order of the query; what is malformed is left out (`URL.Query`). */
export function queryOf({ query }: NetUrl): Map<string, string[]> {
  const values = new Map<string, string[]>();
  const settings = query.split('&');
  if (settings.length > MOST_PARAMETERS) return values;
  for (const setting of settings) {
    if (setting === '' || setting.includes(';')) continue;
    const [key, value] = cut(setting, '=').map((part) => percentDecoded(part, 'query'));
    if (key instanceof Failure || value instanceof Failure) continue;
    const name = textOf(key!);
    values.set(name, [...(values.get(name) ?? []), textOf(value!)]);
  }
  return values;
}

/** Bytes that are no UTF-8 become U+FFFD. */
export const textOf = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');

const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const parseError = (text: string, { message }: Failure): Failure => new Failure(`parse ${quoted(text)}: ${message}`);

const EMPTY: Encoded = { decoded: '', raw: '' };
const NOTHING: NetUrl = { scheme: '', opaque: '', host: '', path: EMPTY, query: '', fragment: EMPTY, emptyQuery: false, emptyHost: false };

function parse(text: string, ofRequest: boolean): NetUrl | Failure {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\x00-\x1f\x7f]/.test(text)) return new Failure('net/url: invalid control character in URL');
  if (text === '' && ofRequest) return new Failure('empty url');
  if (text === '*') return { ...NOTHING, path: { decoded: '*', raw: '' } };
  if (text.startsWith(':')) return new Failure('missing protocol scheme');
  const [, given = '', afterScheme] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(.*)$/s.exec(text)!;
  const scheme = given.toLowerCase();
  const emptyQuery = /^[^?]*\?$/.test(afterScheme!);
  const [rest, query] = cut(afterScheme!, '?');
  const url = { ...NOTHING, scheme, query, emptyQuery };
  if (!rest.startsWith('/')) {
    if (scheme) return { ...url, opaque: rest };
    if (ofRequest) return new Failure('invalid URI for request');
    if (cut(rest, '/')[0].includes(':')) return new Failure('first path segment in URL cannot contain colon');
  }
  if (!rest.startsWith('//') || (!scheme && (ofRequest || rest.startsWith('///')))) {
    const path = encodedOf(rest, 'path');
    return path instanceof Failure ? path : { ...url, path, emptyHost: scheme !== '' && rest.startsWith('/') };
  }
  const [, authority, pathText] = /^\/\/([^/]*)(.*)$/s.exec(rest)!;
  const parsed = parseAuthority(scheme, authority!);
  if (parsed instanceof Failure) return parsed;
  const path = encodedOf(pathText!, 'path');
  return path instanceof Failure ? path : { ...url, ...parsed, path };
}

function parseAuthority(scheme: string, authority: string): Pick<NetUrl, 'user' | 'host'> | Failure {
  const at = authority.lastIndexOf('@');
  const host = parseHost(scheme, authority.slice(at + 1));
  if (host instanceof Failure || at === -1) return host instanceof Failure ? host : { host };
  const user = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) return new Failure('net/url: invalid userinfo');
  const [name, password] = (user.includes(':') ? cut(user, ':') : [user]).map((part) => percentDecoded(part, 'user'));
  if (name instanceof Failure) return name;
  if (password instanceof Failure) return password;
  return { host, user: { name: name!, password } };
}

function parseHost(scheme: string, host: string): string | Failure {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) return new Failure('invalid IP-literal');
  if (bracket === 0) return parseLiteral(host);
  const first = host.indexOf(':');
  if (first !== -1) {
    // A list of hosts and ports, as databases have it, is no host of HTTP.
    const port = host.slice(scheme === 'http' || scheme === 'https' ? first : host.lastIndexOf(':'));
    if (!PORT.test(port)) return wrongPort(port);
  }
  return percentDecoded(host, 'host');
}

const PORT = /^(:[0-9]*)?$/;
const wrongPort = (port: string): Failure => new Failure(`invalid port ${quoted(textOf(port))} after host`);

/** `[fe80::1%25en0]:80` (RFC 3986, section 3.2.2; RFC 6874). */
function parseLiteral(host: string): string | Failure {
  const end = host.lastIndexOf(']');
  if (end === -1) return new Failure("missing ']' in host");
  const port = host.slice(end + 1);
  if (!PORT.test(port)) return wrongPort(port);
  const literal = host.slice(1, end);
  const zoneAt = literal.indexOf('%25');
  const front = percentDecoded(zoneAt === -1 ? literal : literal.slice(0, zoneAt), 'host');
  if (front instanceof Failure) return front;
  const zone = zoneAt === -1 ? '' : percentDecoded(literal.slice(zoneAt), 'zone');
  if (zone instanceof Failure) return zone;
  const address = parseAddress(textOf(front + zone));
  if (address instanceof Failure) return new Failure(`invalid host: ${address.message}`);
  return address.bytes.length === 4 ? new Failure('invalid IP-literal') : `[${front}${zone}]${port}`;
}

function encodedOf(text: string, part: Part): Encoded | Failure {
  const decoded = percentDecoded(text, part);
  return decoded instanceof Failure ? decoded : { decoded, raw: percentEncoded(decoded, part) === text ? '' : text };
}

function hierarchy({ scheme, user, host, path, emptyHost }: NetUrl): string {
  const spelt = escaped(path, 'path');
  const hasAuthority = Boolean(scheme || host || user) && !(emptyHost && !host && !user) && Boolean(host || path.decoded || user);
  const userText = user ? `${percentEncoded(user.name, 'user')}${user.password === undefined ? '' : `:${percentEncoded(user.password, 'user')}`}@` : '';
  const authority = hasAuthority ? `//${userText}${percentEncoded(host, 'host')}` : '';
  const slash = spelt && !spelt.startsWith('/') && host ? '/' : '';
  // Without a scheme or a host, a colon would make a scheme of the first segment.
  const dot = !scheme && !authority && !slash && cut(spelt, '/')[0].includes(':') ? './' : '';
  return authority + slash + dot + spelt;
}

function cut(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
