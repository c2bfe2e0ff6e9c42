import { type Fields, isFields } from '../../kube/fields.ts';

/**
 * A body as it may be written down. What a policy asks for is written, Secrets too; but a token is as good as the right to use it, so none is, whatever the policy
 * says: Kubernetes' documentation warns of `Request` and above for TokenReviews and TokenRequests, and one rule for `*` overlooks the warning.
 */
export function withoutTokens(value: unknown): unknown {
  if (typeof value === 'string') return textWithoutTokens(value);
  if (Array.isArray(value)) return value.map(withoutTokens);
  if (!isFields(value)) return value;
  const place = TOKEN_IN[String(value['kind'])];
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, name === place ? withoutToken(field) : withoutTokens(field)]));
}

/** The same for a text that may quote one: a URL, a message. */
export function textWithoutTokens(text: string): string {
  if (!MARKS.some((mark) => text.includes(mark))) return text;
  return text.replace(TOKEN, REMOVED).replace(ENCODED, (encoded) => (isToken(Buffer.from(encoded, 'base64').toString()) ? REMOVED : encoded));
}

/** Where the kinds that carry a token of any form have it. */
const TOKEN_IN: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null), { TokenReview: 'spec', TokenRequest: 'status' });

const withoutToken = (value: unknown): unknown =>
  isFields(value) ? withoutTokens({ ...value, ...('token' in value && { token: REMOVED }) } satisfies Fields) : value;

const REMOVED = '<removed>';

/** A JSON Web Token (RFC 7515, 7.1), whose header and claims both begin with `{"`, or a token of `aws eks get-token`. */
const TOKEN = /eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*|k8s-aws-v1\.[\w-]+/g;

/** What may be one in base64, as in the data of a Secret. */
const ENCODED = /(?:ZXlK|azhzLWF3cy12MS)[A-Za-z0-9+/]+={0,2}/g;

const MARKS = ['eyJ', 'ZXlK', 'k8s-aws-v1.', 'azhzLWF3cy12MS'];

const isToken = (text: string): boolean => text.search(TOKEN) === 0;
