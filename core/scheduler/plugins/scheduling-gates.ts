import type { Plugin } from '../framework.ts';

/** A pod is not looked at before the last of its gates is gone; the API has said so in its status (pkg/scheduler/framework/plugins/schedulinggates). */
export const schedulingGates: Plugin = {
  name: 'SchedulingGates',
  preEnqueue: ({ spec }) =>
    spec?.schedulingGates?.length ? `waiting for scheduling gates: [${spec.schedulingGates.map(({ name }) => name).join(' ')}]` : undefined,
};
