import type { GroupResource, KubeObject } from '../kube/object.ts';
import type { Kinds } from './generated/kinds.ts';

/** The type of a resource's objects as they are stored: `KindOf<'pods'>` is `Pod`. Of a resource that is only known when the program runs, any object. */
export type KindOf<R extends GroupResource> = R extends keyof Kinds ? Kinds[R] : KubeObject;
