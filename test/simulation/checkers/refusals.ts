import { type Key, type KubeObject, keyOf, parseKey } from '../../../core/kube/object.ts';
import type { ResourceQuota } from '../../../core/schema/generated/kinds.ts';
import type { Exchange } from '../history.ts';
import { forbiddenBy, POLICY } from '../painter.ts';
import { RBAC } from '../permissions.ts';
import type { Replay } from '../replay.ts';
import type { Checker, Evidence } from './checker.ts';
import { oldestFor } from './gets.ts';
import { millis } from './quantities.ts';
import { isForbiddenByRoles } from './roles.ts';

/**
 * A refusal is justified by some state between the request and its answer: 404 by the absence of what it names, 409 by what is there already, or is
 * there in another version than the request names; 403 by roles, a namespace on its way out, or a quota that has no more; 422 by a policy, or by nothing but a request that is wrong in every
 * state. Other refusals none of these clients has earned. And what is wrong in every state is refused. An error of the server's own is due to a log that was not
 * well, as the instance that answered has seen it, or to a webhook that failed: that there were other writers is no excuse.
 */
export const refusals: Checker = {
  name: 'refusals',
  *check({ cluster, replay, history, stamp }) {
    for (const exchange of history.exchanges) {
      const { code, from, to, method, path, body } = exchange;
      if (exchange.cluster !== cluster || code === undefined) continue;
      if (code >= 500 && isOwn(exchange) && exchange.sinceHindered! > HINDERED_MS && !isOfWebhook(exchange, stamp))
        yield `${method} ${path} was answered by ${exchange.by}, whose log was well, with ${code}: ${body?.message}`;
      if (code < 300 && exchange.meant?.invalid) yield `${method} ${path} was invalid, and answered with ${code}`;
      const isRefusal = code >= 400 && code < 500 && !ofAnotherTime.has(code);
      if (isRefusal && !isJustified(exchange, replay))
        yield `${method} ${path} was refused between ${from} and ${to} without a reason: ${code} ${body?.reason}: ${body?.message}`;
    }
  },
};

/** An answer of the API's; not one of the gateway's, which has found no instance, nor of a client that knows of an offset that a restored log does not have. */
const isOwn = ({ code, body, sinceHindered }: Exchange) =>
  sinceHindered !== undefined && body?.kind === 'Status' && !(code === 504 && /^Too large resource version/.test(body.message));

/** It is said of a webhook that it failed, and it did (`failurePolicy: Fail`). */
const isOfWebhook = ({ code, body, asked, answered }: Exchange, { failures }: Evidence['stamp']) =>
  code === 500 && /failed calling webhook "stamp\./.test(body.message) && failures.some((at) => at >= asked && at <= answered);

/** A commit tries for half a minute. */
const HINDERED_MS = 40_000;

/** 410: the log no longer reaches back so far. 429: too many ask at once. Both say nothing of the objects. */
const ofAnotherTime: ReadonlySet<number> = new Set([410, 429]);

function isJustified(exchange: Exchange, replay: Replay): boolean {
  const byRoles = isForbiddenByRoles(exchange, replay);
  if (byRoles !== undefined) return byRoles;
  const grounds = groundsOf(exchange);
  if (grounds === 'any state' || grounds === 'no state') return grounds === 'any state';
  return replay.firstOffset(grounds.key, { from: oldestFor(exchange), to: exchange.to }, grounds.fits) !== undefined;
}

/** What must have been so for a refusal to be right. */
type Grounds = 'any state' | 'no state' | { readonly key: Key; readonly fits: (object: KubeObject | undefined) => boolean };

function groundsOf({ code, body, meant }: Exchange): Grounds {
  if (!meant) return groundsOfPart(body);
  const { key, precondition, invalid } = meant;
  const { resource, namespace = '', name } = parseKey(key);
  const within = keyOf('namespaces', '', namespace);
  switch (`${code} ${body?.reason}`) {
    case '404 NotFound': {
      // What is created in a namespace that is not there is refused for the namespace.
      const ofNamespace = body.details.kind === 'namespaces' && resource !== 'namespaces';
      // A binding to a role that is not there is refused in the name of the binding's resource, and of the role's name (pkg/registry/rbac/rolebinding/policybased).
      if (resource.startsWith('rolebindings.') && body.details.name !== name)
        return { key: keyOf(`clusterroles.${RBAC}`, '', body.details.name), fits: (object) => object === undefined };
      return { key: ofNamespace ? within : key, fits: (object) => object === undefined };
    }
    case '409 AlreadyExists':
      return { key, fits: (object) => object !== undefined };
    case '409 Conflict':
      return precondition === undefined ? 'no state' : { key, fits: (object) => object?.metadata.resourceVersion !== precondition };
    case '403 Forbidden': {
      const [, quota, requested, used, limited] = /exceeded quota: (\S+), requested: (\S+), used: (\S+), limited: (\S+)$/.exec(body.message) ?? [];
      if (quota)
        return { key: keyOf('resourcequotas', namespace, quota), fits: (object) => isExhausted(object as ResourceQuota, { requested, used, limited }) };
      return { key: within, fits: (object) => object?.metadata.deletionTimestamp !== undefined };
    }
    case '422 Invalid':
      if (/denied request: no /.test(body.message))
        return { key: POLICY, fits: (policy) => policy !== undefined && body.message.endsWith(`no ${forbiddenBy(policy)}`) };
      return invalid ? 'any state' : 'no state';
    default:
      return 'no state';
  }
}

/** Of what is to be done at once: a part of it, of an object that it names. An undo of what was changed since, or was lost with a backup, is refused. */
function groundsOfPart(body: Exchange['body']): Grounds {
  const { reason, message, details } = body ?? {};
  if (reason === 'Conflict' && details?.kind === 'undos') return 'any state';
  if (reason === 'Invalid' && /must not be in the future|stands there$/.test(message)) return 'any state';
  // Not divided, as other commits are, where entries may have a few events only (limited-entries.ts).
  if (reason === 'RequestEntityTooLarge' && /too large for one entry of the log$/.test(message)) return 'any state';
  if (details?.kind !== 'configmaps' || !/^spec\.steps\[\d+\]: /.test(message)) return 'no state';
  const isThere = reason === 'AlreadyExists';
  return isThere || reason === 'NotFound'
    ? { key: keyOf('configmaps', 'default', details.name), fits: (object) => (object !== undefined) === isThere }
    : 'no state';
}

/** Whether a quota limited what a refusal tells, and what was asked for was too much beside what was used. */
function isExhausted({ spec }: Partial<ResourceQuota> = {}, told: Readonly<Record<'requested' | 'used' | 'limited', string | undefined>>): boolean {
  const [requested, used, limited] = [told.requested, told.used, told.limited].map(
    (list) => new Map(list!.split(',').map((pair) => pair.split('=') as [string, string])),
  );
  return [...limited!].every(([name, most]) => {
    const [of, more] = [used!.get(name)!, requested!.get(name)!];
    return spec?.hard?.[name] === most && millis(of) + millis(more) > millis(most);
  });
}
