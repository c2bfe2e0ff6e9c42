import type { FieldError } from '../../kube/status.ts';
import { invalidValue, quoted, required } from '../../kube/validation/field.ts';
import { portNumber, subdomain } from '../../kube/validation/names.ts';

/** Where a webhook is called (apiserver's pkg/util/webhook/validation.go). */

const FORM = '; desired format: https://host[/path]';

export function validateWebhookUrl(text: string, field: string): FieldError[] {
  const url = urlParts(text);
  if (typeof url === 'string') return [required(field, `url must be a valid URL: parse ${quoted(text)}: ${url}${FORM}`)];
  const { scheme, host, user, fragment, query } = url;
  const errors: FieldError[] = [];
  if (scheme !== 'https') errors.push(invalidValue(field, scheme, `'https' is the only allowed URL scheme${FORM}`));
  if (!host) errors.push(invalidValue(field, host, `host must be specified${FORM}`));
  if (user !== undefined) errors.push(invalidValue(field, user, 'user information is not permitted in the URL'));
  if (fragment) errors.push(invalidValue(field, fragment, 'fragments are not permitted in the URL'));
  if (query) errors.push(invalidValue(field, query, 'query parameters are not permitted in the URL'));
  return errors;
}

interface UrlParts {
  readonly scheme: string;
  readonly host: string;
  readonly user: string | undefined;
  readonly query: string;
  readonly fragment: string;
}

/** The parts of a URL as Go's net/url takes them apart, or what it says of one that it refuses. (URL of the web is of another standard: it needs a scheme, and mends.) */
function urlParts(text: string): UrlParts | string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x1f\x7f]/.test(text)) return 'net/url: invalid control character in URL';
  if (text.startsWith(':')) return 'missing protocol scheme';
  const [, scheme = '', authority = '', path = '', query = '', fragment = ''] =
    /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/i.exec(text)!;
  if (!scheme && !authority && /^[^/]*:/.test(path)) return 'first path segment in URL cannot contain colon';
  const badEscape = /%(?![0-9a-f]{2}).{0,2}/i.exec(authority + path + fragment);
  if (badEscape) return `invalid URL escape ${quoted(badEscape[0])}`;
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const illegal = /[\s"<>^`{|}\\]/.exec(host);
  if (illegal) return `invalid character ${quoted(illegal[0])} in host name`;
  const port = /:[^:\]]*$/.exec(host)?.[0] ?? '';
  if (/[^:0-9]/.test(port)) return `invalid port ${quoted(port)} after host`;
  return { scheme: scheme.toLowerCase(), host, user: at < 0 ? undefined : authority.slice(0, at), query, fragment };
}

/** Kubernetes calls its check with name and namespace the wrong way round: the one is reported where the other is missing. */
export function validateWebhookService(service: { name?: string; namespace?: string; path?: string; port?: number }, field: string): FieldError[] {
  const { name, namespace, path, port = 443 } = service;
  return [
    ...(namespace ? [] : [required(`${field}.name`)]),
    ...(name ? [] : [required(`${field}.namespace`)]),
    ...portNumber(port).map((message) => invalidValue(`${field}.port`, port, `port is not valid: ${message}`)),
    ...(path ? validatePath(path, `${field}.path`) : []),
  ];
}

function validatePath(path: string, field: string): FieldError[] {
  if (path === '/') return [];
  if (path === '//') return [invalidValue(field, path, 'segment[0] may not be empty')];
  const errors = path.startsWith('/') ? [] : [invalidValue(field, path, "must start with a '/'")];
  // Kubernetes drops the first character, whatever it is.
  const rest = path.slice(1);
  const segments = (rest.endsWith('/') ? rest.slice(0, -1) : rest).split('/');
  return [
    ...errors,
    ...segments.flatMap((segment, i) => {
      if (!segment) return [invalidValue(field, path, `segment[${i}] may not be empty`)];
      return subdomain(segment).map((message) => invalidValue(field, path, `segment[${i}]: ${message}`));
    }),
  ];
}
