import { parseUrl } from '../../cel/libraries/net-url.ts';
import { Failure } from '../../cel/value.ts';
import { between, plus, type RealInstant, realInstant } from '../../instant.ts';

/** The call of STS that a token asks for, once it is known to be nothing else. */
export interface PresignedCall {
  /** To be called to the letter, for its signature's sake. */
  readonly url: string;
  readonly accessKeyId: string;
  /** The signature ends then. */
  readonly expires: RealInstant;
}

/** Why a text is no such token. */
export interface Malformed {
  readonly malformed: string;
}

/** The header with which a token is bound to one cluster. */
export const CLUSTER_HEADER = 'x-k8s-aws-id';

const PREFIX = 'k8s-aws-v1.';

/** What `aws eks get-token` makes begins so. */
export const isEksToken = (token: string): boolean => token.startsWith(PREFIX);

/**
 * The call in a token of `aws eks get-token`, a presigned sts:GetCallerIdentity (aws-iam-authenticator, pkg/token/token.go, Verify). Whoever shows a token chooses what is called: that it
 * is STS, that alone, and what it is asked, is made sure of here, down to each parameter.
 */
export function presignedCall(token: string, { hosts, now }: { hosts: ReadonlySet<string>; now: RealInstant }): PresignedCall | Malformed {
  if (token.length > MOST_CHARACTERS) return { malformed: 'token is too large' };
  if (!isEksToken(token)) return { malformed: `token is missing expected "${PREFIX}" prefix` };
  const text = decoded(token.slice(PREFIX.length));
  const url = text === undefined ? undefined : parseUrl(text);
  // Nothing that a URL does not spell out: no blank, no line's end, no character that a parser may take for another.
  if (!text || !url || url instanceof Failure || !/^[\x21-\x7e]+$/.test(text)) return { malformed: 'no URL' };
  if (url.scheme !== 'https') return { malformed: `unexpected scheme ${JSON.stringify(url.scheme)} in pre-signed URL` };
  if (!hosts.has(url.host) || url.user) return { malformed: `unexpected hostname ${JSON.stringify(url.host)} in pre-signed URL` };
  if (url.path.decoded !== '/' || (url.path.raw !== '' && url.path.raw !== '/')) return { malformed: 'unexpected path in pre-signed URL' };
  if (text.includes('#')) return { malformed: 'unexpected fragment in pre-signed URL' };
  const parameters = parametersOf(url.query);
  if ('malformed' in parameters) return parameters;
  const date = dateOf(parameters.get('x-amz-date') ?? '');
  if (parameters.get('action') !== 'GetCallerIdentity') return { malformed: 'unexpected action parameter in pre-signed URL' };
  if (!isSigned(parameters)) return { malformed: `client did not sign the ${CLUSTER_HEADER} header in the pre-signed URL` };
  const seconds = parameters.get('x-amz-expires') ?? '';
  if (!/^\+?\d{1,9}$/.test(seconds) || Number(seconds) > LONGEST_SECONDS) return { malformed: 'invalid X-Amz-Expires parameter in pre-signed URL' };
  if (date === undefined) return { malformed: 'X-Amz-Date parameter must be present in pre-signed URL' };
  const expires = plus(date, VALID_MS);
  if (now > expires) return { malformed: 'X-Amz-Date parameter is expired' };
  if (between(now, date) > VALID_MS) return { malformed: 'X-Amz-Date parameter is of the future' };
  return { url: text, accessKeyId: (parameters.get('x-amz-credential') ?? '').split('/')[0]!, expires };
}

const MOST_CHARACTERS = 4 * 1024;
const LONGEST_SECONDS = 900;

/** STS holds to this, whatever X-Amz-Expires says. */
const VALID_MS = 15 * 60_000;

/** Base64url without padding (RFC 4648, 5); undefined: it is none. */
const decoded = (text: string): string | undefined =>
  /^[\w-]+$/.test(text) && text.length % 4 !== 1 ? Buffer.from(text, 'base64url').toString('latin1') : undefined;

const PARAMETERS: ReadonlySet<string> = new Set([
  'action',
  'version',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
]);

/** By their names in lower case. Two that differ in case alone are one twice: which of them STS goes by is not known here. */
function parametersOf(query: string): ReadonlyMap<string, string> | Malformed {
  const parameters = new Map<string, string>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const at = part.indexOf('=');
    const [name, value] = (at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]).map(unescaped);
    if (name === undefined || value === undefined || part.includes(';')) return { malformed: 'malformed query parameter' };
    const key = name.toLowerCase();
    if (!PARAMETERS.has(key)) return { malformed: `non-whitelisted query parameter ${JSON.stringify(name)}` };
    if (parameters.has(key)) return { malformed: 'query parameter with multiple values not supported' };
    parameters.set(key, value);
  }
  return parameters;
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

const isSigned = (parameters: ReadonlyMap<string, string>): boolean =>
  (parameters.get('x-amz-signedheaders') ?? '').split(';').some((header) => header.toLowerCase() === CLUSTER_HEADER);

/** `20060102T150405Z` */
function dateOf(text: string): RealInstant | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text) ?? [];
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? undefined : realInstant(ms);
}
