import { allPlugins, type PluginConfiguration } from './default-plugins.ts';
import type { AdmissionPlugin } from './plugin.ts';

/** What the operator of a host says of admission, as `kube-apiserver --enable-admission-plugins --disable-admission-plugins --admission-control-config-file` do. */
export interface AdmissionSettings {
  /** Besides those that run anyway. */
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
  readonly configuration?: PluginConfiguration;
}

/** The plugins that run under some settings, in their order. Throws, for the operator, when a name is unknown or named twice, or a plugin lacks what it needs. */
export function admissionPlugins({ enable = [], disable = [], configuration = {} }: AdmissionSettings = {}): readonly AdmissionPlugin[] {
  const all = allPlugins(configuration).map((plugin) => ('off' in plugin ? { plugin: plugin.off, isOn: false } : { plugin, isOn: true }));
  const names = new Set(all.map(({ plugin }) => plugin.name));
  for (const [flag, list] of Object.entries({ 'enable-admission-plugins': enable, 'disable-admission-plugins': disable })) {
    const unknown = list.find((name) => !names.has(name));
    if (unknown !== undefined) throw new Error(`${flag} plugin ${JSON.stringify(unknown)} is unknown; there are ${[...names].join(', ')}`);
  }
  const both = enable.filter((name) => disable.includes(name));
  if (both.length > 0) throw new Error(`${both.join(', ')} in enable-admission-plugins and disable-admission-plugins overlapped`);
  if (enable.includes('EventRateLimit') && !configuration.eventRateLimit?.length) throw new Error('EventRateLimit needs limits in its configuration');
  return all.filter(({ plugin: { name }, isOn }) => !disable.includes(name) && (isOn || enable.includes(name))).map(({ plugin }) => plugin);
}
