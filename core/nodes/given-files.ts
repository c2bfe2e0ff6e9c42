import type { KeyToPath, Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';

/** The files of a volume that is made of a ConfigMap or a Secret, by their paths. Undefined: what is in it is not known here. */
export function filesOfVolume({ metadata: { namespace }, spec }: Pod, name: string, state: State): ReadonlyMap<string, string> | undefined {
  const { configMap, secret } = spec?.volumes?.find((volume) => volume.name === name) ?? {};
  if (configMap) return chosen(state.get('configmaps', namespace, configMap.name!)?.data, configMap.items);
  if (!secret) return undefined;
  const data = state.get('secrets', namespace, secret.secretName!)?.data ?? {};
  return chosen(Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()])), secret.items);
}

function chosen(data: Readonly<Record<string, string>> = {}, items: readonly KeyToPath[] | undefined): Map<string, string> {
  if (!items) return new Map(Object.entries(data));
  return new Map(items.flatMap(({ key, path }) => (Object.hasOwn(data, key) ? [[path, data[key]!] as const] : [])));
}
