import { pluginNames } from './plugin-names.ts';

/** What a profile says of one extension point: `multiPoint`, `filter`, `score`, … */
export interface PluginSet {
  readonly enabled: readonly NamedPlugin[];
  readonly disabled: readonly string[];
}

export interface NamedPlugin {
  readonly name: string;
  readonly weight?: number;
}

export type PluginSets = Readonly<Partial<Record<ExtensionPoint, PluginSet>>>;

/** The extension points of the framework. */
export const extensionPoints = [
  ...(['multiPoint', 'preEnqueue', 'queueSort', 'preFilter', 'filter', 'postFilter', 'preScore', 'score'] as const),
  ...(['reserve', 'permit', 'preBind', 'bind', 'postBind'] as const),
] as const;

export type ExtensionPoint = (typeof extensionPoints)[number];

/** Throws, for the operator, when a plugin is enabled that does not exist, or twice (updatePluginList). */
export function checkPluginSets(sets: PluginSets): void {
  for (const point of extensionPoints) {
    const names = (sets[point]?.enabled ?? []).map(({ name }) => name);
    const type = pluginType(point);
    for (const [i, name] of names.entries()) {
      if (!pluginNames.includes(name)) throw new Error(`${type} ${JSON.stringify(name)} does not exist`);
      if (names.indexOf(name) !== i) throw new Error(`plugin ${JSON.stringify(name)} already registered as ${JSON.stringify(type)}`);
    }
  }
}

/** `FilterPlugin`; of several at once, the first. */
const pluginType = (point: ExtensionPoint): string => (point === 'multiPoint' ? 'PreFilterPlugin' : `${point[0]!.toUpperCase()}${point.slice(1)}Plugin`);
