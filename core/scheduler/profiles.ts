import { DEFAULT_SCHEDULER } from './configuration/scheduler-configuration.ts';
import type { Plugin } from './framework.ts';
import { plugins as defaultPlugins } from './plugins/registry.ts';

/** The schedulers of a cluster: which plugins look at the pods of which `schedulerName`. Pods that name none of them are left to others. */
export class SchedulerProfiles {
  readonly #plugins: ReadonlyMap<string, readonly Plugin[]>;

  constructor(plugins: ReadonlyMap<string, readonly Plugin[]>) {
    this.#plugins = plugins;
  }

  pluginsFor(schedulerName: string | undefined): readonly Plugin[] | undefined {
    return this.#plugins.get(schedulerName ?? DEFAULT_SCHEDULER);
  }
}

/** One scheduler, with these plugins. */
export const soleProfile = (plugins: readonly Plugin[] = defaultPlugins): SchedulerProfiles => new SchedulerProfiles(new Map([[DEFAULT_SCHEDULER, plugins]]));
