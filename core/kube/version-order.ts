/**
 * The order in which versions are preferred: `v2`, `v1`, `v2beta1`, `v1beta2`, `v1alpha1`, and what is no such version last
 * (apimachinery's pkg/version, CompareKubeAwareVersionStrings). For `sort`.
 */
export function byVersion(a: string, b: string): number {
  const [x, y] = [versionParts(a), versionParts(b)];
  if (!x || !y) return x ? -1 : y ? 1 : a < b ? -1 : a > b ? 1 : 0;
  return y.stability - x.stability || y.major - x.major || y.minor - x.minor;
}

function versionParts(version: string): { stability: number; major: number; minor: number } | undefined {
  const [, major, stage = '', minor = '0'] = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version) ?? [];
  return major ? { stability: { alpha: 0, beta: 1, '': 2 }[stage]!, major: Number(major), minor: Number(minor) } : undefined;
}
