import { createHash, timingSafeEqual } from 'node:crypto';
import { type ClusterInstant, clusterInstant } from '../instant.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Secret } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import type { Authentication, BoundObject, HoldingSecret } from './authenticator.ts';

/**
 * Why a token is void in the newest state of its cluster, in Kubernetes' words; undefined: it is good. It ends with its account, with what it is bound to, and with the Secret that
 * holds it (pkg/serviceaccount: validator.Validate and legacyValidator.Validate).
 */
export function whyVoid({ boundTo = [], heldBy }: Authentication, state: State, now: ClusterInstant): string | undefined {
  const secret = heldBy && state.get('secrets', heldBy.namespace, heldBy.name);
  const why = heldBy && whyNotHeld(secret, heldBy);
  if (why !== undefined) return why;
  for (const bound of boundTo) {
    const ended = whyEnded(state.get(bound.resource, bound.namespace, bound.name), bound, { now, leewayMs: heldBy ? 0 : LEEWAY_MS });
    if (ended !== undefined) return ended;
  }
  return secret?.metadata.labels?.[INVALID_SINCE] ? invalidated(secret, boundTo[0]!.name) : undefined;
}

/** A pod that is being deleted may still say good-bye (jwt.DefaultLeeway). */
const LEEWAY_MS = 60_000;

const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';

function whyNotHeld(secret: Secret | undefined, { token }: HoldingSecret): string | undefined {
  if (!secret || secret.metadata.deletionTimestamp) return 'Token has been invalidated';
  const held = Buffer.from(secret.data?.['token'] ?? '', 'base64');
  return timingSafeEqual(digest(held), digest(token)) ? undefined : "Token does not match server's copy";
}

const digest = (text: string | Buffer) => createHash('sha256').update(text).digest();

function whyEnded(object: KubeObject | undefined, bound: BoundObject, { now, leewayMs }: { now: ClusterInstant; leewayMs: number }): string | undefined {
  const { resource, namespace, name, uid } = bound;
  const isAccount = resource === 'serviceaccounts';
  if (!object) return isAccount ? `serviceaccounts "${name}" not found` : INVALIDATED;
  if (object.metadata.uid !== uid) return otherUid(resource, object.metadata.uid, uid);
  const { deletionTimestamp } = object.metadata;
  const isOver = deletionTimestamp !== undefined && clusterInstant(deletionTimestamp) + leewayMs < now;
  if (!isOver) return undefined;
  return isAccount ? `service account ${namespace}/${name} has been deleted` : INVALIDATED;
}

const INVALIDATED = 'service account token has been invalidated';

function otherUid(resource: string, uid: string | undefined, claimed: string): string {
  if (resource === 'serviceaccounts') return `service account UID (${uid}) does not match claim (${claimed})`;
  const kind = resource.slice(0, -1);
  return `${kind} UID (${uid}) does not match service account ${kind} ref claim (${claimed})`;
}

function invalidated({ metadata: { namespace, name } }: Secret, account: string): string {
  return `the token in secret ${namespace}/${name} for service account ${namespace}/${account} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${INVALID_SINCE}' label from the secret to temporarily allow use of this token`;
}
