import type { Pod } from '../../schema/generated/kinds.ts';

/** A pod that has ended: nothing of it runs, nothing will, and it holds nothing of its node any more (pkg/api/v1/pod, IsPodPhaseTerminal). */
export const isPodTerminal = ({ status }: Pick<Pod, 'status'>): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
