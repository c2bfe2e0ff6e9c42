import type { Pod } from '../../schema/generated/kinds.ts';
import { MIRROR } from './pod-annotations.ts';

/** scheduling.SystemCriticalPriority */
export const SYSTEM_CRITICAL = 2_000_000_000;

/** Whether a node can do less without a pod than without others (pkg/kubelet/types, IsCriticalPod): by its priority, or because it is a static one. */
export const isCriticalPod = ({ metadata, spec }: Pod): boolean => metadata.annotations?.[MIRROR] !== undefined || (spec?.priority ?? 0) >= SYSTEM_CRITICAL;
