import { quoted } from '../../kube/validation/field.ts';
import type { Volume, VolumeProjection } from '../../schema/generated/kinds.ts';

interface Claimed {
  readonly path: string;
  /** Who puts a file there; empty where it is the volume's only source. */
  readonly source: string;
}

/** What a client is told of volumes in which one file hides another (warningsForOverlappingVirtualPaths). */
export const overlapWarnings = (volumes: readonly Volume[]): string[] =>
  volumes.flatMap(({ name, configMap, secret, downwardAPI, projected }) => [
    ...overlaps(pathsOf(configMap?.items), name, `ConfigMap ${quoted(configMap?.name ?? '')}`),
    ...overlaps(pathsOf(secret?.items), name, `Secret ${quoted(secret?.secretName ?? '')}`),
    ...overlaps(pathsOf(downwardAPI?.items), name, 'DownwardAPI'),
    ...(projected?.sources ?? [])
      .filter((source) => !Object.values(source).some((part) => part !== undefined))
      .map(() => `volume ${quoted(name)} (Projected) has no sources provided`),
    ...overlaps((projected?.sources ?? []).flatMap(projectedPaths), name, 'Projected'),
  ]);

const pathsOf = (items: readonly { path?: string }[] = [], source = ''): Claimed[] => items.map(({ path = '' }) => ({ path, source }));

/** Of one source of a projected volume, the first that is there. */
function projectedPaths({ configMap, secret, downwardAPI, serviceAccountToken }: VolumeProjection): Claimed[] {
  if (configMap?.items) return pathsOf(configMap.items, `ConfigMap ${quoted(configMap.name ?? '')}`);
  if (secret?.items) return pathsOf(secret.items, `Secret ${quoted(secret.name ?? '')}`);
  if (downwardAPI?.items) return pathsOf(downwardAPI.items, 'DownwardAPI');
  return serviceAccountToken ? pathsOf([serviceAccountToken], 'ServiceAccountToken') : [];
}

function overlaps(claims: readonly Claimed[], volume: string, description: string): string[] {
  const known: Claimed[] = [];
  return claims.flatMap(({ path, source }) => {
    const claim = { path: path.replace(/\/+$/, ''), source };
    const met = claim.path ? known.filter((other) => other.path && (isWithin(claim.path, other.path) || isWithin(other.path, claim.path))) : [];
    known.push(claim);
    return met.map((other) => `volume ${quoted(volume)} (${description}): overlapping paths: ${shown(claim)} with ${shown(other)}`);
  });
}

const isWithin = (path: string, directory: string) => `${path}/`.startsWith(`${directory}/`);

const shown = ({ path, source }: Claimed) => (source ? `${quoted(path)} (${source})` : quoted(path));
