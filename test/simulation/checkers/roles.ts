import { type KubeObject, parseKey } from '../../../core/kube/object.ts';
import type { ClusterRole, ClusterRoleBinding, PolicyRule } from '../../../core/schema/generated/kinds.ts';
import type { Exchange } from '../history.ts';
import { Permissions, RBAC, type Wanted } from '../permissions.ts';
import type { Replay, Version } from '../replay.ts';
import { limitedUsers } from '../roles.ts';
import type { Checker } from './checker.ts';

/**
 * What a user wrote, whether or not the answer came, was permitted by the roles as they stood right before it in the log, and what it gives to others the user held there. What a user was shown was permitted at some
 * offset between the request and its answer.
 */
export const roles: Checker = {
  name: 'roles',
  *check({ cluster, replay, history }) {
    for (const version of replay.versions) if (isLimited(version.actor.username)) yield* checkWrite(version, replay);
    for (const exchange of history.exchanges) {
      const { user, method, path, meant, code } = exchange;
      if (exchange.cluster !== cluster || !isLimited(user) || method !== 'GET' || !meant || (code !== 200 && code !== 404)) continue;
      if (!atSomeOffset(exchange, replay, (permissions) => permissions.may(wantedOf(meant.key, 'get'))))
        yield `${user} was shown ${path} between ${exchange.from} and ${exchange.to}, which no role permitted`;
    }
  },
};

const isLimited = (username: string): boolean => (limitedUsers as readonly string[]).includes(username);

function* checkWrite(version: Version, replay: Replay): Generator<string> {
  const { key, type, offset, actor } = version;
  const permissions = new Permissions(replay, actor.username, offset - 1);
  const verbs = verbsOf(version);
  if (!verbs.some((verb) => permissions.may(wantedOf(key, verb)))) yield `${actor.username} may not ${verbs.join(' or ')} ${key}, and did at ${offset}`;
  if (type !== 'DELETED' && !isHeld(version, permissions)) yield `${actor.username} grants at ${offset} by ${key} what ${actor.username} may not do`;
}

/** By which requests it may have come to that. */
function verbsOf({ type, object, previous }: Version): string[] {
  if (type === 'ADDED') return ['create'];
  const [before, after] = [previous?.metadata.deletionTimestamp, object.metadata.deletionTimestamp];
  // The last finalizer of what is deleted may go by an update.
  if (type === 'DELETED') return before ? ['delete', 'update', 'patch'] : ['delete'];
  return after && !before ? ['delete'] : ['update', 'patch'];
}

function wantedOf(key: string, verb: string): Wanted {
  const { resource: full, namespace, name } = parseKey(key);
  const [resource = '', ...group] = full.split('.');
  return { verb, group: group.join('.'), resource, ...(namespace && { namespace }), ...(verb !== 'create' && { name }) };
}

/** Whether a user may give what a role or a binding gives. */
function isHeld({ key, type, object }: Version, permissions: Permissions): boolean {
  const { resource, namespace, name } = parseKey(key);
  const place = namespace || undefined;
  if (resource === `roles.${RBAC}` || resource === `clusterroles.${RBAC}`) {
    const escalation = { ...wantedOf(key, 'escalate'), name: type === 'ADDED' ? undefined : name };
    return permissions.may(escalation) || permissions.covers((object as ClusterRole).rules ?? [], place);
  }
  if (resource !== `rolebindings.${RBAC}` && resource !== `clusterrolebindings.${RBAC}`) return true;
  const { roleRef } = object as KubeObject as ClusterRoleBinding;
  const bound = { verb: 'bind', group: RBAC, resource: `${roleRef.kind.toLowerCase()}s`, namespace: place, name: roleRef.name };
  const rules = permissions.rulesBehind(roleRef, place);
  return permissions.may(bound) || (rules !== undefined && permissions.covers(rules, place));
}

/** Whether a refusal by roles is justified by some offset between the request and its answer; undefined: it is none. */
export function isForbiddenByRoles(exchange: Exchange, replay: Replay): boolean | undefined {
  const { code, body, meant } = exchange;
  if (code !== 403 || !meant) return undefined;
  const [, verb] = /User "\w+" cannot (\w+) resource "/.exec(body.message) ?? [];
  if (verb) return atSomeOffset(exchange, replay, (permissions) => !permissions.may(wantedOf(meant.key, verb)));
  if (!body.message.includes('is attempting to grant RBAC permissions not currently held')) return undefined;
  const { namespace } = parseKey(meant.key);
  return atSomeOffset(exchange, replay, (permissions) => lackingIn(body.message).every((rule) => !permissions.covers([rule], namespace)));
}

/** The rules that a refusal says are lacking, of one verb each. */
const lackingIn = (message: string): PolicyRule[] =>
  [...message.matchAll(/\{([^}]*)\}/g)].flatMap(([, text = '']) => {
    const [verbs, apiGroups, resources, resourceNames] = ['Verbs', 'APIGroups', 'Resources', 'ResourceNames'].map((field) => {
      const [, list = ''] = new RegExp(`\\b${field}:\\[([^\\]]*)\\]`).exec(text) ?? [];
      return [...list.matchAll(/"([^"]*)"/g)].map(([, value]) => value!);
    }) as [string[], string[], string[], string[]];
    return verbs.map((verb) => ({ verbs: [verb], apiGroups, resources, ...(resourceNames.length > 0 && { resourceNames }) }));
  });

function atSomeOffset({ user, from, to }: Exchange, replay: Replay, fits: (permissions: Permissions) => boolean): boolean {
  const at = (offset: number) => fits(new Permissions(replay, user, offset));
  if (at(from)) return true;
  for (let offset = from + 1; offset <= to; offset++) if (replay.versionAt(offset)?.key.includes(RBAC) && at(offset)) return true;
  return false;
}
