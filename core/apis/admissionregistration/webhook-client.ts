import type { FieldError } from '../../kube/status.ts';
import { invalidValue, required } from '../../kube/validation/field.ts';
import { portNumber, subdomain } from '../../kube/validation/names.ts';

/** Where a webhook is called (apiserver's pkg/util/webhook/validation.go). */

const FORM = '; desired format: https://host[/path]';

export function validateWebhookUrl(text: string, field: string): FieldError[] {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return [required(field, `url must be a valid URL: ${text}${FORM}`)];
  }
  const scheme = url.protocol.slice(0, -1);
  const errors: FieldError[] = [];
  if (scheme !== 'https') errors.push(invalidValue(field, scheme, `'https' is the only allowed URL scheme${FORM}`));
  if (!url.host) errors.push(invalidValue(field, url.host, `host must be specified${FORM}`));
  if (url.username || url.password) errors.push(invalidValue(field, url.username, `user information is not permitted in the URL${FORM}`));
  if (url.hash) errors.push(invalidValue(field, url.hash.slice(1), `fragments are not permitted in the URL${FORM}`));
  if (url.search) errors.push(invalidValue(field, url.search.slice(1), `query parameters are not permitted in the URL${FORM}`));
  return errors;
}

export function validateWebhookService(service: { name?: string; namespace?: string; path?: string; port?: number }, field: string): FieldError[] {
  const { name, namespace, path, port = 443 } = service;
  return [
    ...(name ? [] : [required(`${field}.name`, 'service name is required')]),
    ...(namespace ? [] : [required(`${field}.namespace`, 'service namespace is required')]),
    ...portNumber(port).map((message) => invalidValue(`${field}.port`, port, `port is not valid: ${message}`)),
    ...(path ? validatePath(path, `${field}.path`) : []),
  ];
}

function validatePath(path: string, field: string): FieldError[] {
  if (path === '/') return [];
  if (path === '//') return [invalidValue(field, path, 'segment[0] may not be empty')];
  if (!path.startsWith('/')) return [invalidValue(field, path, "must start with a '/'")];
  return path
    .slice(1, path.endsWith('/') ? -1 : undefined)
    .split('/')
    .flatMap((segment, i) => {
      if (!segment) return [invalidValue(field, path, `segment[${i}] may not be empty`)];
      return subdomain(segment).map((message) => invalidValue(field, path, `segment[${i}]: ${message}`));
    });
}
