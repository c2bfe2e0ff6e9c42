import type { Pod } from '../../schema/generated/kinds.ts';

export const priorityOf = ({ spec }: Pod): number => spec?.priority ?? 0;

/** When a pod began, ms since the epoch: one that has not begins now. */
export const startOf = ({ status }: Pod, now: number): number => (status?.startTime ? Date.parse(status.startTime) : now);

/** The more important first: by priority, then by how long it has run (MoreImportantPod). */
export const compareImportance = (a: Pod, b: Pod, now: number): number => priorityOf(b) - priorityOf(a) || startOf(a, now) - startOf(b, now);
