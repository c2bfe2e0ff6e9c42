import { StatusError } from '../../kube/status.ts';
import { mediaTypes } from './negotiate.ts';

const types = Object.values(mediaTypes);
const streams = [mediaTypes.json, mediaTypes.protobuf].map((type) => `${type};stream=watch`);

/**
 * kube-apiserver's router (go-restful) looks at an `Accept` header before its handlers negotiate: by names alone, all of a media type or any. `lists`: the path
 * lists, and so may stream too. Throws 406.
 */
export function checkRoutedTypes(accept: string | null, { lists }: { lists: boolean }): void {
  const names = (accept || '*/*').split(',').map((part) => part.split(';')[0]!.trim());
  if (names.some((name) => name === '*/*' || types.includes(name))) return;
  throw new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `406: Not Acceptable\n\nAvailable representations: ${[...types, ...(lists ? streams : [])].join(', ')}`,
    reason: 'NotAcceptable',
    details: {},
    code: 406,
  });
}
