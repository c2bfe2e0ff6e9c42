import { afterEach, describe, it, vi } from 'vitest';
import { clusterAuthorizer } from '../../../core/auth/cluster-authorizer.ts';
import type { User } from '../../../core/kube/user.ts';
import type { LogEvent } from '../../../core/log/event.ts';
import type { EventLog } from '../../../core/log/log.ts';
import type { State } from '../../../core/state/state.ts';
import { limitedUsers } from '../roles.ts';
import { appending } from './appending.ts';
import { type Defect, finds } from './finds.ts';

const { authorize } = clusterAuthorizer;
afterEach(() => void vi.restoreAllMocks());

/** Defects of authorization: it goes by roles that are not those of the offset. */
describe('a run without faults', () => {
  const defects: (Defect & { readonly authorizer?: typeof authorize })[] = [
    {
      name: 'an authorizer that does not note what it has read',
      authorizer: (attributes, state) => authorize(attributes, state.observed(undefined)),
      found: /roles: (rita|sam) may not .*, and did at/,
    },
    { name: 'roles that are taken from a cache', authorizer: cached(), found: /roles: (rita|sam) may not .*, and did at/ },
    { name: 'users who are refused without a reason', authorizer: forbidding, found: /refusals: .* was refused .* 403 Forbidden: .* User "/ },
    { name: 'a role that gives more than was held', seed: 11, parts: { wrapLog: generous }, found: /roles: (rita|sam) grants at/ },
  ];
  for (const { authorizer, ...defect } of defects) {
    it(`finds ${defect.name}`, async () => {
      if (authorizer) vi.spyOn(clusterAuthorizer, 'authorize').mockImplementation(authorizer);
      await finds({ ...defect, limited: true });
    });
  }
});

/** Whatever roles permit. */
const forbidding: typeof authorize = (attributes, state) => (isLimited(attributes.user) ? { allowed: false } : authorize(attributes, state));

const isLimited = ({ username }: User): boolean => limitedUsers.some((name) => name === username);

/** Roles as they were up to three seconds ago, as kube-apiserver's caches may have them. */
function cached(): typeof authorize {
  let state: State | undefined;
  return (attributes, newest) => {
    if (!state || newest.time - state.time > 3_000 || newest.time < state.time) state = newest;
    return authorize(attributes, state);
  };
}

/** Whatever a user gives, it is more. */
function generous(log: EventLog): EventLog {
  const more = (event: LogEvent): LogEvent => {
    if (!('object' in event) || !event.key.startsWith('roles.') || !isLimited(event.actor)) return event;
    return { ...event, object: { ...event.object, rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] } as typeof event.object };
  };
  return appending(1, (inner, cluster, wanted) => inner.append(cluster, { ...wanted, events: wanted.events.map(more) }))(log);
}
