import type { Library, Overload } from '../library.ts';
import { BOOL, listOf, mapOf, STRING, structType, type Type } from '../type.ts';
import { Elements, Entries, Failure, noSuchOverload, OpaqueValue, type Result, type Value } from '../value.ts';
import { CONSTANT, traversal } from './costs.ts';
import { escaped, type NetUrl, parseRequestUri, parseUrl, queryOf, splitHostPort, textOf, urlText } from './net-url.ts';

export const URL_TYPE = structType('kubernetes.URL', undefined, 'url');

export class UrlValue extends OpaqueValue {
  readonly type = URL_TYPE;
  readonly url: NetUrl;

  constructor(url: NetUrl) {
    super();
    this.url = url;
  }

  override equals(other: Value): boolean | Failure {
    return other instanceof UrlValue ? urlText(this.url) === urlText(other.url) : noSuchOverload();
  }

  override toString(): string {
    return textOf(urlText(this.url));
  }
}

const accessor = (name: string, id: string, result: Type, call: (url: NetUrl) => Result) => ({
  name,
  overloads: [{ id, member: true, parameters: [URL_TYPE], result, call: (value: UrlValue) => call(value.url) } satisfies Overload],
  cost: CONSTANT,
});

/** `url('https://example.com:80/').getHost()` (k8s.io/apiserver/pkg/cel/library/urls.go). */
export const urlLibrary: Library = {
  name: 'kubernetes.urls',
  functions: [
    { name: 'url', overloads: [{ id: 'string_to_url', parameters: [STRING], result: URL_TYPE, call: toUrl }], cost: traversal({ keepsSize: true }) },
    {
      name: 'isURL',
      overloads: [{ id: 'is_url_string', parameters: [STRING], result: BOOL, call: (text: string) => !(parseRequestUri(text) instanceof Failure) }],
    },
    accessor('getScheme', 'url_get_scheme', STRING, (url) => textOf(url.scheme)),
    accessor('getHost', 'url_get_host', STRING, (url) => textOf(url.host)),
    accessor('getHostname', 'url_get_hostname', STRING, (url) => textOf(splitHostPort(url.host).host)),
    accessor('getPort', 'url_get_port', STRING, (url) => splitHostPort(url.host).port),
    accessor('getEscapedPath', 'url_get_escaped_path', STRING, (url) => textOf(escaped(url.path, 'path'))),
    accessor(
      'getQuery',
      'url_get_query',
      mapOf(STRING, listOf(STRING)),
      (url) => new Entries([...queryOf(url)].map(([key, values]) => [key, new Elements(values)] as const)),
    ),
  ],
};

// ParseRequestURI is the stricter one, and takes a fragment for a part of the path.
function toUrl(text: string): UrlValue | Failure {
  const strict = parseRequestUri(text);
  const url = strict instanceof Failure ? strict : parseUrl(text);
  return url instanceof Failure ? new Failure(`URL parse error during conversion from string: ${url.message}`) : new UrlValue(url);
}
