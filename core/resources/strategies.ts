import type { GroupResource } from '../object.ts';
import type { Strategy } from './strategy.ts';

/** What each kind means, by its resource. A resource that is not in here has objects that are checked against the schema and kept. */
export const strategies: Readonly<Partial<Record<GroupResource, Strategy>>> = {};
