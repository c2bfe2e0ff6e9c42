import { type Plugin, skip } from '../framework.ts';

/** Devices that a pod claims (pkg/scheduler/framework/plugins/dynamicresources). */
export const dynamicResources: Plugin = {
  name: 'DynamicResources',
  preFilter: () => skip,
  postFilter: () => ({ type: 'rejected', reason: 'no new claims to deallocate', nominated: 'kept' }),
};
