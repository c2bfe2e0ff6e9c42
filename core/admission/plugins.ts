import type { AdmissionSettings } from './admission-setting.ts';
import { allPlugins } from './default-plugins.ts';
import type { AdmissionPlugin } from './plugin.ts';

/** The plugins that run under the settings of a host, in their order. */
export const admissionPlugins = ({ enable, disable, configuration }: AdmissionSettings): readonly AdmissionPlugin[] =>
  allPlugins(configuration)
    .filter((plugin) => ('off' in plugin ? enable.includes(plugin.off.name) : !disable.includes(plugin.name)))
    .map((plugin) => ('off' in plugin ? plugin.off : plugin));
