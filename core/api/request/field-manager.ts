import type { FieldManager } from '../../log/event.ts';
import type { WriteCall } from '../call.ts';
import { FIELD_MANAGER_LIMIT } from '../query/write-options.ts';

/** As which field manager a request writes: what it says, or the beginning of its user agent (apiserver's handlers/create.go, managerOrUserAgent). */
export function fieldManagerOf({ query, request, target, info }: Pick<WriteCall, 'query' | 'request' | 'target' | 'info'>): FieldManager {
  const name = query.get('fieldManager') || prefixOf(request.headers.get('user-agent') ?? '') || 'unknown';
  const isStored = target.apiVersion === storedAs(target);
  return { name, ...(!isStored && { apiVersion: target.apiVersion }), ...(info.subresource !== undefined && { subresource: info.subresource }) };
}

const storedAs = ({ storage: { group, storageVersion } }: WriteCall['target']) => (group ? `${group}/${storageVersion.version}` : storageVersion.version);

/** Up to the first slash, without what cannot be printed, and no longer than a manager may be. */
function prefixOf(userAgent: string): string {
  let prefix = '';
  let bytes = 0;
  for (const character of userAgent.slice(0, (userAgent.indexOf('/') + 1 || userAgent.length + 1) - 1)) {
    if (!isPrintable(character)) continue;
    bytes += Buffer.byteLength(character);
    if (bytes > FIELD_MANAGER_LIMIT) break;
    prefix += character;
  }
  return prefix;
}

const isPrintable = (character: string) => /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character);
