import type { ComponentStatus } from '../../schema/generated/kinds.ts';
import { column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';

/** The health of the control plane's parts, made when it is asked for (deprecated since Kubernetes 1.19). */
export const strategy: Strategy<ComponentStatus> = {
  table: {
    columns: [
      nameColumn,
      column('Status', 'string', 'Status of the component conditions'),
      column('Message', 'string', 'Message of the component conditions'),
      column('Error', 'string', 'Error of the component conditions'),
    ],
    cells({ metadata, conditions }) {
      const healthy = conditions?.find(({ type }) => type === 'Healthy');
      const word = healthy?.status === 'True' ? 'Healthy' : healthy?.status === 'False' ? 'Unhealthy' : 'Unknown';
      return [metadata.name, word, healthy?.message ?? '', healthy?.error ?? ''];
    },
  },
};
