import { type Fields, isFields } from '../kube/fields.ts';

/** A kind of review, and the versions that there are of it. */
interface ReviewKind {
  readonly kind: string;
  readonly group: string;
  /** The one that was sent: an answer that does not say what it is is taken for that. */
  readonly version: string;
}

/**
 * What a webhook answered, as the review that it has to be (apimachinery's codec, as `Result.Into` of client-go uses it). Throws in the words of Go when it is another
 * object, or says nothing that there is.
 */
export function reviewIn(value: unknown, { kind, group, version }: ReviewKind): Fields {
  if (!isFields(value)) return {};
  for (const name of ['apiVersion', 'kind']) {
    const given = value[name] ?? '';
    if (typeof given !== 'string') {
      throw new Error(`couldn't get version/kind; json parse error: json: cannot unmarshal ${goKind(given)} into Go struct field .${name} of type string`);
    }
  }
  const [named, namedKind] = [String(value['apiVersion'] ?? ''), String(value['kind'] ?? '')];
  if (named.split('/').length > 2) throw new Error(`unexpected GroupVersion string: ${named}`);
  const [apiVersion, ofKind] = [named || `${group}/${version}`, namedKind || kind];
  if (ofKind === 'Status') throw new Error(`converting (v1.Status) to (${version}.${kind}): unknown conversion`);
  if (ofKind !== kind || !VERSIONS.some((known) => apiVersion === `${group}/${known}`)) {
    throw new Error(`no kind ${JSON.stringify(ofKind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/util/webhook/client.go:71"`);
  }
  const is = apiVersion.slice(group.length + 1);
  if (is !== version) throw new Error(`converting (${is}.${kind}) to (${version}.${kind}): unknown conversion`);
  return value;
}

/** Of reviews of both kinds. */
const VERSIONS = ['v1', 'v1beta1'];

export const goKind = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value);
