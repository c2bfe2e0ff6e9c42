import { type Fields, isFields } from '../../kube/fields.ts';
import type { GroupResource } from '../../kube/object.ts';
import type { FoundDifference } from '../../state/differences.ts';

/**
 * What is told of a Secret, of whoever asks: how long its values are, and never what. A history is looked at with others, and lies around, more often than a Secret does; and
 * what was rotated away is in it too. `kubectl apply` (client-side) keeps what it applied in an annotation, which has the values again.
 */
export function withoutSecrets(resource: GroupResource, difference: FoundDifference): FoundDifference {
  if (resource !== 'secrets') return difference;
  const { path, steps, from, to } = difference;
  return { path, steps, ...(from !== undefined && { from: hidden(steps, from) }), ...(to !== undefined && { to: hidden(steps, to) }) };
}

function hidden([first, second, third]: FoundDifference['steps'], value: unknown): unknown {
  if (first === 'f:data' || first === 'f:stringData') return lengths(value);
  if (first !== 'f:metadata' || second !== 'f:annotations') return value;
  if (third !== undefined) return third === `f:${LAST_APPLIED}` ? length(value, 'utf8') : value;
  return isFields(value) && LAST_APPLIED in value ? { ...value, [LAST_APPLIED]: length(value[LAST_APPLIED], 'utf8') } : value;
}

/** A Secret as it is written down elsewhere. */
export function secretWithoutValues<T extends { readonly metadata: { readonly annotations?: Record<string, string> } }>(secret: T): T {
  const { annotations } = secret.metadata;
  const data = (secret as unknown as Fields)['data'];
  return {
    ...secret,
    ...(data !== undefined && { data: lengths(data) }),
    ...(annotations && { metadata: { ...secret.metadata, annotations: hidden(['f:metadata', 'f:annotations'], annotations) } }),
  };
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function lengths(value: unknown): unknown {
  return isFields(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, lengths(inner)])) : length(value, 'base64');
}

const length = (value: unknown, encoding: 'base64' | 'utf8'): string => `(${Buffer.byteLength(String(value), encoding)} bytes)`;
